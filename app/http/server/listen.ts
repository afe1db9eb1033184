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

/** Longer than the load balancer's 60 s, so that the balancer is the one who closes. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** A client that sends its request slower than this is a slow client or an attack. */
const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;
/**
 * For bytes that are on their way and do not move: a client that reads nothing would have its answers kept for ever. Longer than a
 * request may take to come and its answer to be made. Node notices after once or twice as long.
 */
const STANDSTILL_TIMEOUT_MS = 20_000;
const HEADER_MAX_BYTES = 16 * 1024;

export interface HttpServer {
  readonly port: number;
  /**
   * Stops accepting, lets requests under way finish, each answer closing its connection, and after `timeoutMs`
   * closes what is left.
   */
  drain(timeoutMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly newRequestId: () => string;
  readonly log: Log;
  /** 20 s unless it is given. */
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
    // The app looks itself, so that the answer is a problem like any other.
    requireHostHeader: false,
  });
  server.timeout = standstillTimeoutMs;
  // Of each connection, in their order. One set of all responses would keep the dead ones: V8 replaces the table of a set
  // that is added to and deleted from for ever, each old table holds on to the next, and once one of them is old enough
  // everything that was in any of them survives until the next full collection.
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
      // An earlier answer that closes the connection would take the one that is to come with it.
      for (const earlier of underWay.filter(mayStayOpen)) earlier.setHeader('Connection', 'keep-alive');
    }
    underWay.push(response);
    response.once('close', () => underWay.splice(underWay.indexOf(response), 1));
    // Node 24 drops what has come in the same packet behind an Upgrade: the next answer would seem to be that of the lost one.
    if (isDraining || headers.upgrade !== undefined) response.setHeader('Connection', 'close');
  };
  server.on('request', remember);
  const begin = batchPerTick(handler);
  server.on('request', begin);
  // Requests that are not HTTP never reach Express.
  const ending = new WeakSet<Socket>();
  const refuse = (socket: Socket, code: ProblemCode, reason: string | undefined): void => {
    // Every piece of unreadable bytes says so again.
    if (ending.has(socket)) return;
    // Whole requests before the unreadable bytes may be committing orders: their answers go out, theirs does not.
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
  // Without a listener Node would destroy the socket, and with it the answers to whole requests before the CONNECT.
  server.on('connect', (_request, socket: Socket) => {
    // The parser has let go of the socket, its listeners and its time limits.
    socket.on('error', () => socket.destroy());
    refuse(socket, 'validation_failed', 'CONNECT');
    if (!ending.has(socket)) socket.destroySoon();
  });
  // Nothing here has expectations to meet besides 100-continue, which Node answers itself.
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
            // A kept connection would hold up the end until its client lets go of it.
            // Of several requests on one, the last answer closes it: the earlier ones would take the later ones with them.
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
            // Node does not call one idle that has never had a request, such as those that browsers open beforehand.
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
