import type { ServerResponse } from 'node:http';
import type { Exchange } from '../contract/exchange.ts';
import type { Problem } from '../contract/problem.ts';
import type { Reply } from '../contract/route.ts';
import { hasTag } from '../contract/tagged-reply.ts';
import { commonHeaders, problemMessage } from './problem-message.ts';

/**
 * Sends a reply, unless the deadline has already answered. Replies are `no-store` unless they say otherwise.
 * A cacheable reply whose ETag the client has becomes 304 without a body.
 */
export function sendReply(exchange: Exchange, { status, body, headers }: Reply): void {
  const named = headers ?? {};
  const common = { ...commonHeaders(exchange.requestId), ...exchange.limitHeaders };
  const etag = named['Cache-Control'] === undefined ? undefined : named['ETag'];
  if (etag !== undefined && hasTag(exchange.request.headers['if-none-match'], etag)) {
    writeResponse(exchange.response, 304, { ...common, ...named }, undefined);
    return;
  }
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  const content = body === undefined || isText ? body : JSON.stringify(body);
  writeResponse(
    exchange.response,
    status,
    {
      ...common,
      'Cache-Control': 'no-store',
      ...(content === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
      ...named,
      ...(isBodiless(status)
        ? {}
        : { 'Content-Length': content === undefined ? 0 : Buffer.byteLength(content) }),
    },
    content,
  );
}

/** Sends a problem, unless the exchange already has a response. Sets `exchange.code` for log and metrics. */
export function sendProblem(exchange: Exchange, outcome: Problem): void {
  if (exchange.response.headersSent) return;
  exchange.code = outcome.problem;
  const { status, headers, body } = problemMessage(outcome, exchange);
  writeResponse(exchange.response, status, { ...headers, ...exchange.limitHeaders }, body);
}

/** Writes a whole response, unless one has begun. The only place that writes a head. */
export function writeResponse(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string | number>>,
  content: string | Buffer | undefined,
): void {
  if (response.headersSent) return;
  response.writeHead(status, headers);
  // With a Buffer behind another response, Node 24 writes the head before the 100 that a client expects, and
  // the 100 into its body. So the body is a string there.
  const body = response.socket === null && Buffer.isBuffer(content) ? content.toString('latin1') : content;
  // A string leaves in one write together with the headers; pure ASCII needs no encoding.
  response.end(body, body?.length === headers['Content-Length'] ? 'latin1' : 'utf8');
}

/** These never have a body, nor a length of one (RFC 9110, 8.6). */
function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}
