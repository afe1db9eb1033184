import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onCleanup } from '../cleanup.ts';
import { isWholeAnswer } from './mysql-answer.ts';
import { until } from '../until.ts';

/**
 * Treatment of bytes on their way from the client to the server:
 * - `forward`: passes them on;
 * - `cut`: they are lost, and both sides see the connection break;
 * - `forward-then-cut`: the server gets them and answers; the answer is lost and the connection breaks. The
 *   break comes only after the whole answer: a reset could overtake the bytes, and their effect would be
 *   unknown;
 * - `forward-and-cut`: the connection breaks at once, while the server works on them. The server has very
 *   likely, but not certainly, received them;
 * - `freeze`: they are lost, and the connection stays open but passes nothing any more;
 * - `forward-then-freeze`: the server gets them, and after that the connection passes nothing any more.
 */
export type Verdict =
  | 'forward'
  | 'cut'
  | 'forward-then-cut'
  | 'forward-and-cut'
  | 'freeze'
  | 'forward-then-freeze';

/**
 * Receives every chunk that a client sends, as it arrives from the socket: a message may arrive in several
 * chunks. The number identifies the connection: a process has several, and they are independent.
 */
export type ClientBytesHook = (bytes: Buffer, connection: number) => Verdict;

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

/** One connection of a client and its other half to the server. */
interface Link {
  readonly number: number;
  readonly client: Socket;
  /** Undefined while the link waits in a blackhole that is older than the link. */
  server: Socket | undefined;
  /** Frozen by a verdict: permanently, whatever the mode. */
  frozen: boolean;
  /** Received part of the server's next answer, which will be lost together with the link. */
  lostAnswer: Buffer | undefined;
  /** Answers on their way while the server is slow. */
  readonly late: Buffer[];
}

/** Another process may have taken the port for a moment while the proxy was not listening. */
const LISTEN_AGAIN_TIMEOUT_MS = 5000;

/**
 * A TCP proxy in front of the server of `targetUrl` that fails as networks and servers do, at a moment that
 * the test chooses. Closed after the test, or after the run when opened in `before`.
 */
export async function openFaultProxy(targetUrl: string): Promise<FaultProxy> {
  let target = addressOf(targetUrl);
  const isAnswer = targetUrl.startsWith('mysql:') ? isWholeAnswer : () => true;
  const links = new Set<Link>();
  let mode: 'pass' | 'blackhole' | 'refuse' = 'pass';
  let answerDelayMs = 0;
  let hook: ClientBytesHook | undefined;
  let accepted = 0;

  const server = createServer({ pauseOnConnect: true }, (client) => {
    accepted += 1;
    const link: Link = {
      number: accepted,
      client,
      server: undefined,
      frozen: false,
      lostAnswer: undefined,
      late: [],
    };
    links.add(link);
    wire(client, () => end(link));
    // No back pressure: what tests send fits into memory.
    client.on('data', (bytes) => takeFromClient(link, bytes));
    client.pause();
    if (mode === 'pass') open(link);
  });

  const end = (link: Link): void => {
    // Bytes that one side sent before it closed still reach the other side.
    if (links.delete(link)) for (const socket of [link.client, link.server]) socket?.destroySoon();
  };

  const reset = (link: Link): void => {
    links.delete(link);
    for (const socket of [link.client, link.server]) socket?.resetAndDestroy();
  };

  /** Lets the link flow; connects its server half first if that is missing. */
  const open = (link: Link): void => {
    if (link.frozen) return;
    if (link.server === undefined) {
      const upstream = connect({ ...target, noDelay: true });
      link.server = upstream;
      wire(upstream, () => end(link));
      upstream.on('data', (bytes) => {
        if (link.lostAnswer === undefined) return deliver(link, bytes);
        link.lostAnswer = Buffer.concat([link.lostAnswer, bytes]);
        if (isAnswer(link.lostAnswer)) reset(link);
      });
    }
    link.client.resume();
    link.server.resume();
  };

  const deliver = (link: Link, bytes: Buffer): void => {
    if (answerDelayMs === 0 && link.late.length === 0) {
      link.client.write(bytes);
      return;
    }
    link.late.push(bytes);
    // Whichever timer fires first delivers the oldest answer.
    setTimeout(() => link.client.write(link.late.shift() as Buffer), answerDelayMs);
  };

  const hold = (link: Link): void => {
    link.client.pause();
    link.server?.pause();
  };

  const takeFromClient = (link: Link, bytes: Buffer): void => {
    const verdict = hook?.(bytes, link.number) ?? 'forward';
    if (verdict === 'cut') return reset(link);
    if (verdict !== 'freeze') link.server?.write(bytes);
    if (verdict === 'forward-then-cut') link.lostAnswer = Buffer.alloc(0);
    // The client's half is reset; the server reads the bytes before it reads the end.
    if (verdict === 'forward-and-cut') {
      links.delete(link);
      link.client.resetAndDestroy();
      link.server?.end();
    }
    if (verdict === 'freeze' || verdict === 'forward-then-freeze') {
      link.frozen = true;
      hold(link);
    }
  };

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
      answerDelayMs = 0;
      if (!server.listening) await listenAgain(server, port);
      for (const link of links) open(link);
    },
    async slow(delayMs) {
      await proxy.pass();
      answerDelayMs = delayMs;
    },
    async blackhole() {
      mode = 'blackhole';
      if (!server.listening) await listenAgain(server, port);
      for (const link of links) hold(link);
    },
    async refuse() {
      mode = 'refuse';
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      proxy.cut();
      await closed;
    },
    cut() {
      for (const link of links) reset(link);
    },
    watchClient(next) {
      hook = next;
    },
    async close() {
      await proxy.refuse();
    },
  };
  onCleanup(() => proxy.close());
  return proxy;
}

/**
 * Ends the link with the socket; half-open connections are not kept. An error is the fault that the test
 * requested.
 */
function wire(socket: Socket, ended: () => void): void {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('close', ended);
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

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  const number = port === '' ? DEFAULT_PORTS[protocol] : Number(port);
  if (number === undefined) throw new Error(`no port in ${protocol}//${hostname}`);
  return { host: hostname, port: number };
}
