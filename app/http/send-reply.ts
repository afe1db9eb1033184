import type { Request, Response } from 'express';
import { type Problem, problemBody } from './problem.ts';
import { problemTable } from './problem-table.ts';
import type { Reply } from './route.ts';

/** Writes a reply, unless the deadline has answered before it. Nothing may keep a reply that does not say so. */
export function sendReply(response: Response, { status, body, headers }: Reply): void {
  if (response.headersSent) return;
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  if (body === undefined) {
    response.end();
    return;
  }
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  if (!response.hasHeader('Content-Type'))
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
  // As a string it leaves in one write together with the headers.
  const content = isText ? body : JSON.stringify(body);
  response.setHeader('Content-Length', Buffer.byteLength(content));
  response.end(content);
}

/** The only place that writes an error to a client. */
export function sendProblem(request: Request, response: Response, outcome: Problem): void {
  if (response.headersSent) return;
  const { status } = problemTable[outcome.problem];
  response.locals['code'] = outcome.problem;
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  if (status === 503) response.setHeader('Retry-After', String(response.locals['retryAfterS'] as number));
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  const body = problemBody(outcome, {
    instance: request.path,
    traceId: response.locals['requestId'] as string,
  });
  response.end(JSON.stringify(body));
}
