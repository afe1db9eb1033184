import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Log } from '../../platform/observe/log.ts';
import { batchPerTick } from './batch-per-tick.ts';
import { problem } from '../contract/problem.ts';
import type { ProblemCode } from '../contract/problem-table.ts';
import { problemMessage } from './problem-message.ts';

/** Longer than the load balancer's 60 s, so that the balancer closes idle connections. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Slower clients are broken or an attack. */
const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;
/**
 * Closes connections on which no byte moves: the server would keep responses for a client that reads nothing.
 * Longer than the slowest request and its response together. Node notices after one to two times this long.
 */
const STANDSTILL_TIMEOUT_MS = 20_000;
const HEADER_MAX_BYTES = 16 * 1024;

export interface HttpServer {
  readonly port: number;
  /**
   * Stops accepting, lets current requests finish, each response closing its connection, and closes the
   * remaining connections after `timeoutMs`.
   */
  drain(timeoutMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly newRequestId: () => string;
  readonly log: Log;
  /** Default: 20 s. */
  readonly standstillTimeoutMs?: number;
}

/** Starts serving. Rejects with the system's error, such as EADDRINUSE. Port 0 takes a free one. */
export function listen(
  handler: RequestListener,
  { host, port, newRequestId, log, standstillTimeoutMs = STANDSTILL_TIMEOUT_MS }: ListenOptions,
): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: HEADER_MAX_BYTES,
    // headFault checks it, so that the response is a problem like any other.
    requireHostHeader: false,
  });
  server.timeout = standstillTimeoutMs;
  // In-flight responses per connection, in order. A shared Set retained finished ones: V8 keeps replacing the
  // table of a Set that grows and shrinks, each old table references the next, and once one reaches the old
  // generation all their entries survive until the next full collection.
  const unanswered = new Map<Socket, ServerResponse[]>();
  server.on('connection', (socket) => {
    unanswered.set(socket, []);
    socket.once('close', () => unanswered.delete(socket));
  });
  let isDraining = false;
  const mayStayOpen = ({ shouldKeepAlive, headersSent, req }: ServerResponse): boolean =>
    shouldKeepAlive && !headersSent && req.headers.upgrade === undefined;
  const remember = ({ headers, socket }: IncomingMessage, response: ServerResponse): void => {
    const underWay = unanswered.get(socket) ?? [];
    if (isDraining) {
      // An earlier response that closes the connection would cut off this one.
      for (const earlier of underWay.filter(mayStayOpen)) earlier.setHeader('Connection', 'keep-alive');
    }
    underWay.push(response);
    response.once('close', () => underWay.splice(underWay.indexOf(response), 1));
    // Node 24 drops bytes that follow an Upgrade in the same packet. The next response would look like that
    // of the lost request.
    if (isDraining || headers.upgrade !== undefined) response.setHeader('Connection', 'close');
  };
  server.on('request', remember);
  const begin = batchPerTick(handler);
  server.on('request', begin);
  // Requests that are not HTTP never reach Express.
  const ending = new WeakSet<Socket>();
  const refuse = (socket: Socket, code: ProblemCode, reason: string | undefined): void => {
    // Each further chunk of unreadable bytes emits the error again.
    if (ending.has(socket)) return;
    // Complete requests before the unreadable bytes may be committing orders: send their responses, and none
    // for the bytes.
    const underWay = unanswered.get(socket)?.findLast(({ req }) => req.complete);
    if (underWay !== undefined) {
      if (!underWay.headersSent) underWay.setHeader('Connection', 'close');
      ending.add(socket);
      underWay.once('finish', () => socket.destroySoon());
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
    else refuse(socket, parserProblem(error.code), error.code);
  });
  // Without a listener Node would destroy the socket, and with it the responses to complete requests before
  // the CONNECT.
  server.on('connect', (_request, socket: Socket) => {
    // The parser has detached from the socket, with its listeners and timeouts.
    socket.on('error', () => socket.destroy());
    refuse(socket, 'validation_failed', 'CONNECT');
    if (!ending.has(socket)) socket.destroySoon();
  });
  // The only supported expectation is 100-continue, which Node answers itself.
  server.on('checkExpectation', remember);
  server.on('checkExpectation', begin);

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        drain: (timeoutMs) =>
          new Promise<void>((drained) => {
            isDraining = true;
            // A kept-alive connection would delay the end until its client closes it. With several requests
            // on one, the last response closes it: an earlier one would cut off the later ones.
            for (const underWay of unanswered.values()) {
              const last = underWay.at(-1);
              if (last?.headersSent === false) last.setHeader('Connection', 'close');
            }
            const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
            server.close(() => {
              clearTimeout(timer);
              drained();
            });
            server.closeIdleConnections();
            // Connections without any request yet, as browsers open in advance, are not idle for Node.
            for (const socket of unanswered.keys()) if (socket.bytesRead === 0) socket.destroy();
          }),
      });
    });
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
