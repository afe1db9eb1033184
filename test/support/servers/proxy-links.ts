import { connect, type Socket } from 'node:net';

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

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ProxyLinks {
  /** Links that are open now. */
  readonly size: number;
  /** Takes over a paused connection of a client. Until `openAll`, nothing flows if `isHeld`. */
  accept(client: Socket, options: { readonly isHeld: boolean }): void;
  /** Lets every link flow that no verdict has frozen. */
  openAll(): void;
  /** Stops every link in both directions. What arrives waits in the sockets. */
  holdAll(): void;
  /** Breaks every link (RST). */
  resetAll(): void;
  /** Delivers answers this much later, in order. */
  delayAnswers(delayMs: number): void;
  watchClient(hook: ClientBytesHook | undefined): void;
}

/**
 * Connections through a fault proxy. `target` is called for each new one. `isAnswer` is true once bytes from
 * the server are a whole answer.
 */
export function createProxyLinks({
  target,
  isAnswer,
}: {
  readonly target: () => ServerAddress;
  readonly isAnswer: (bytes: Buffer) => boolean;
}): ProxyLinks {
  const links = new Set<Link>();
  let answerDelayMs = 0;
  let hook: ClientBytesHook | undefined;
  let accepted = 0;

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
      const upstream = connect({ ...target(), noDelay: true });
      link.server = upstream;
      wire(upstream, () => end(link));
      upstream.on('data', (bytes) => {
        if (link.lostAnswer === undefined) return deliver(link, bytes, answerDelayMs);
        link.lostAnswer = Buffer.concat([link.lostAnswer, bytes]);
        if (isAnswer(link.lostAnswer)) reset(link);
      });
    }
    link.client.resume();
    link.server.resume();
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

  return {
    get size() {
      return links.size;
    },
    accept(client, { isHeld }) {
      accepted += 1;
      const link = newLink(accepted, client);
      links.add(link);
      wire(client, () => end(link));
      // No back pressure: what tests send fits into memory.
      client.on('data', (bytes) => takeFromClient(link, bytes));
      client.pause();
      if (!isHeld) open(link);
    },
    openAll() {
      for (const link of links) open(link);
    },
    holdAll() {
      for (const link of links) hold(link);
    },
    resetAll() {
      for (const link of links) reset(link);
    },
    delayAnswers(delayMs) {
      answerDelayMs = delayMs;
    },
    watchClient(next) {
      hook = next;
    },
  };
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

function newLink(number: number, client: Socket): Link {
  return { number, client, server: undefined, frozen: false, lostAnswer: undefined, late: [] };
}

function deliver({ client, late }: Link, bytes: Buffer, delayMs: number): void {
  if (delayMs === 0 && late.length === 0) {
    client.write(bytes);
    return;
  }
  late.push(bytes);
  // Whichever timer fires first delivers the oldest answer.
  setTimeout(() => client.write(late.shift() as Buffer), delayMs);
}

function hold({ client, server }: Link): void {
  client.pause();
  server?.pause();
}
