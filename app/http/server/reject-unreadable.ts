import { type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../../platform/observe/log.ts';
import { problem } from '../contract/problem.ts';
import type { ProblemCode } from '../contract/problem-table.ts';
import type { InFlightResponses } from './in-flight-responses.ts';
import { problemMessage } from './problem-message.ts';

/**
 * Answers bytes that are not HTTP, and CONNECT, with a problem, and closes the connection. Such requests
 * never reach Express. Complete requests that preceded the bytes may be committing orders: their responses
 * are sent, and none for the bytes.
 */
export function rejectUnreadable(
  server: Server,
  inFlight: InFlightResponses,
  { newRequestId, log }: { readonly newRequestId: () => string; readonly log: Log },
): void {
  const ending = new WeakSet<Socket>();
  const reject = (socket: Socket, code: ProblemCode, reason: string | undefined): void => {
    // Each further chunk of unreadable bytes emits the error again.
    if (ending.has(socket)) return;
    const preceding = inFlight.lastComplete(socket);
    if (preceding !== undefined) {
      if (!preceding.headersSent) preceding.setHeader('Connection', 'close');
      ending.add(socket);
      preceding.once('finish', () => socket.destroySoon());
      return;
    }
    const requestId = newRequestId();
    log.info('http_request_unreadable', { requestId, code, reason });
    // The path is unknown or incomplete.
    const { status, headers, body } = problemMessage(problem(code), { path: '', requestId, retryAfterS: 1 });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  };
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else reject(socket, parserProblem(error.code), error.code);
  });
  // Without a listener Node would destroy the socket, and with it the responses to complete requests before
  // the CONNECT.
  server.on('connect', (_request, socket: Socket) => {
    // The parser has detached from the socket, with its listeners and timeouts.
    socket.on('error', () => socket.destroy());
    reject(socket, 'validation_failed', 'CONNECT');
    if (!ending.has(socket)) socket.destroySoon();
  });
}

function parserProblem(code: string | undefined): ProblemCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'request_header_fields_too_large';
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout';
    default:
      return 'validation_failed';
  }
}
