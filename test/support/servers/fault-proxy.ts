import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { onCleanup } from '../cleanup.ts';
import { isWholeAnswer } from './mysql-answer.ts';
import { until } from '../until.ts';
import { type ClientBytesHook, createProxyLinks, type ServerAddress } from './proxy-links.ts';

export interface FaultProxy {
  /** Port on 127.0.0.1, constant for the proxy's whole life. */
  readonly port: number;
  /** Connections that clients have open to the proxy now. */
  readonly connections: number;
  /** The same URL with the proxy instead of the server. */
  through(url: string): string;
  /**
   * Sends new connections to the server of this URL, which has moved. Open connections stay where they are.
   */
  retarget(url: string): void;
  /** Forwards everything, initially and after a fault. Bytes that a blackhole held back are not lost. */
  pass(): Promise<void>;
  /**
   * A network that drops everything, or a frozen server (SIGSTOP): open connections stay open and freeze in
   * both directions. New connections are accepted but get no answer.
   */
  blackhole(): Promise<void>;
  /** A distant or busy server: each of its answers arrives `delayMs` later, in order. */
  slow(delayMs: number): Promise<void>;
  /** An absent server: open connections break, new ones are refused (ECONNREFUSED). */
  refuse(): Promise<void>;
  /** Breaks the open connections (RST) once; new ones pass or not as before. */
  cut(): void;
  /** Calls `hook` for all bytes from clients from now on; `undefined` removes it. */
  watchClient(hook: ClientBytesHook | undefined): void;
  close(): Promise<void>;
}

/** Another process may have taken the port for a moment while the proxy was not listening. */
const LISTEN_AGAIN_TIMEOUT_MS = 5000;

/**
 * A TCP proxy in front of the server of `targetUrl` that fails as networks and servers do, at a moment that
 * the test chooses. Closed after the test, or after the run when opened in `before`.
 */
export async function openFaultProxy(targetUrl: string): Promise<FaultProxy> {
  let target = addressOf(targetUrl);
  let mode: 'pass' | 'blackhole' | 'refuse' = 'pass';
  const links = createProxyLinks({
    target: () => target,
    isAnswer: targetUrl.startsWith('mysql:') ? isWholeAnswer : () => true,
  });
  const server = createServer({ pauseOnConnect: true }, (client) =>
    links.accept(client, { isHeld: mode !== 'pass' }),
  );
  const port = await listenOn(server, 0);
  const proxy: FaultProxy = {
    port,
    get connections() {
      return links.size;
    },
    through(url) {
      const changed = new URL(url);
      changed.hostname = '127.0.0.1';
      changed.port = String(port);
      return changed.href;
    },
    retarget(url) {
      target = addressOf(url);
    },
    async pass() {
      mode = 'pass';
      links.delayAnswers(0);
      if (!server.listening) await listenAgain(server, port);
      links.openAll();
    },
    async slow(delayMs) {
      await proxy.pass();
      links.delayAnswers(delayMs);
    },
    async blackhole() {
      mode = 'blackhole';
      if (!server.listening) await listenAgain(server, port);
      links.holdAll();
    },
    async refuse() {
      mode = 'refuse';
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      proxy.cut();
      await closed;
    },
    cut: links.resetAll,
    watchClient: links.watchClient,
    async close() {
      await proxy.refuse();
    },
  };
  onCleanup(() => proxy.close());
  return proxy;
}

async function listenOn(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  // Rejects with the error event.
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function listenAgain(server: Server, port: number): Promise<void> {
  await until(`port ${port} is free again`, () => listenOn(server, port), {
    timeoutMs: LISTEN_AGAIN_TIMEOUT_MS,
  });
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'mysql:': 3306,
  'redis:': 6379,
  'http:': 80,
};

function addressOf(url: string): ServerAddress {
  const { hostname, port, protocol } = new URL(url);
  const number = port === '' ? DEFAULT_PORTS[protocol] : Number(port);
  if (number === undefined) throw new Error(`no port in ${protocol}//${hostname}`);
  return { host: hostname, port: number };
}
