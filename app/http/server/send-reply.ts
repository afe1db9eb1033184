import type { Exchange } from '../contract/exchange.ts';
import { type Problem, problemBody } from '../contract/problem.ts';
import { problemTable } from '../contract/problem-table.ts';
import type { Reply } from '../contract/route.ts';
import { hasTag } from '../contract/tagged-reply.ts';

/**
 * Writes a reply, unless the deadline has answered before it. Nothing may keep a reply that does not say so; of one that
 * may be kept, the body goes only to who does not have it.
 */
export function sendReply(exchange: Exchange, { status, body, headers }: Reply): void {
  const etag = headers?.['Cache-Control'] === undefined ? undefined : headers['ETag'];
  if (etag !== undefined && hasTag(exchange.request.headers['if-none-match'], etag)) {
    send(exchange, 304, headers ?? {}, undefined);
    return;
  }
  const isText = typeof body === 'string' || Buffer.isBuffer(body);
  const named = headers ?? {};
  send(
    exchange,
    status,
    {
      'Cache-Control': 'no-store',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json; charset=utf-8' }),
      ...named,
    },
    body === undefined || isText ? body : JSON.stringify(body),
  );
}

/** The only place that writes an error to a client. */
export function sendProblem(exchange: Exchange, outcome: Problem): void {
  if (exchange.response.headersSent) return;
  const { status } = problemTable[outcome.problem];
  exchange.code = outcome.problem;
  const retryAfterS = outcome.retryAfterS ?? (status === 503 ? exchange.retryAfterS : undefined);
  const body = problemBody(outcome, { instance: exchange.path, traceId: exchange.requestId });
  send(
    exchange,
    status,
    {
      'Cache-Control': 'no-store',
      'Content-Type': 'application/problem+json; charset=utf-8',
      ...(retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    },
    JSON.stringify(body),
  );
}

function send(
  { response, requestId, limitHeaders }: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
  content: string | Buffer | undefined,
): void {
  if (response.headersSent) return;
  const lengthBytes = content === undefined ? 0 : Buffer.byteLength(content);
  response.writeHead(status, {
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...limitHeaders,
    ...headers,
    ...(isBodiless(status) ? {} : { 'Content-Length': lengthBytes }),
  });
  // Behind another answer, Node 24 writes the head of one in bytes before the 100 that a client expects, and the 100 into its body.
  const body = response.socket === null && Buffer.isBuffer(content) ? content.toString('latin1') : content;
  // As a string it leaves in one write together with the headers; one of ASCII alone need not be encoded.
  response.end(body, body?.length === lengthBytes ? 'latin1' : 'utf8');
}

/** These never have a body, nor a length of one (RFC 9110, 8.6). */
function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}
