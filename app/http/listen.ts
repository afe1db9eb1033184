import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Longer than the load balancer's 60 s, so that the balancer is the one who closes. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** A client that sends its request slower than this is a slow client or an attack. */
const HEADERS_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 15_000;
const HEADER_MAX_BYTES = 16 * 1024;

export interface HttpServer {
  readonly port: number;
  /**
   * Stops accepting, lets requests under way finish, each answer closing its connection, and after `timeoutMs`
   * closes what is left.
   */
  drain(timeoutMs: number): Promise<void>;
}

/** Starts serving. Rejects with the system's error, such as EADDRINUSE. Port 0 takes a free one. */
export function listen(
  handler: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1000,
    maxHeaderSize: HEADER_MAX_BYTES,
  });
  const unanswered = new Set<ServerResponse>();
  let isDraining = false;
  server.on('request', (_request, response) => {
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
    if (isDraining) response.setHeader('Connection', 'close');
  });
  server.on('request', handler);
  // Requests that are not HTTP never reach Express.
  server.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, code] = parserProblem(error.code);
    const body = JSON.stringify({
      type: `urn:rowlock:problem:${code}`,
      status: Number(status.slice(0, 3)),
      code,
    });
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  });

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
            for (const response of unanswered) {
              if (!response.headersSent) response.setHeader('Connection', 'close');
            }
            const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
            server.close(() => {
              clearTimeout(timer);
              drained();
            });
            server.closeIdleConnections();
          }),
      });
    });
  });
}

function parserProblem(code: string | undefined): [status: string, code: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'request_header_fields_too_large'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'request_timeout'];
    default:
      return ['400 Bad Request', 'validation_failed'];
  }
}
