import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../platform/observe/log.ts';
import { batchPerTick } from './batch-per-tick.ts';
import { createInFlightResponses, type InFlightResponses } from './in-flight-responses.ts';
import { rejectUnreadable } from './reject-unreadable.ts';

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
  const inFlight = createInFlightResponses(server);
  rejectUnreadable(server, inFlight, { newRequestId, log });
  const start = batchPerTick(handler);
  // The only supported expectation is 100-continue, which Node answers itself.
  for (const event of ['request', 'checkExpectation'] as const) {
    server.on(event, inFlight.track);
    server.on(event, start);
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        drain: (timeoutMs) => drain(server, inFlight, timeoutMs),
      });
    });
  });
}

function drain(server: Server, inFlight: InFlightResponses, timeoutMs: number): Promise<void> {
  return new Promise((drained) => {
    inFlight.beginDrain();
    const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
    server.close(() => {
      clearTimeout(timer);
      drained();
    });
    server.closeIdleConnections();
    inFlight.closeUnused();
  });
}
