import { once } from 'node:events';
import { connect } from 'node:net';
import { parseReply, type RawReply } from '../support/http/parse-reply.ts';

export interface FuzzConnection {
  write(bytes: Uint8Array): void;
  /**
   * Returns the next complete reply; `closed` if the server closed the connection without one; `silent` if
   * none was complete in time.
   */
  next(timeoutMs: number, isHead?: boolean): Promise<RawReply | 'closed' | 'silent'>;
  readonly isClosed: boolean;
  /** Bytes that no call of `next` has consumed. */
  readonly left: Buffer;
  readRest(): Buffer;
  /** @param reset with RST instead of FIN */
  close(reset?: boolean): void;
}

/** A TCP connection for consecutive requests, driven by arriving data. */
export async function openFuzzConnection(port: number): Promise<FuzzConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let received: Buffer = Buffer.alloc(0);
  let isClosed = false;
  let wake = (): void => undefined;
  socket.on('data', (bytes) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    wake();
  });
  for (const event of ['end', 'close', 'error']) {
    socket.on(event, () => {
      isClosed = true;
      wake();
    });
  }
  await once(socket, 'connect');

  return {
    write: (bytes) => {
      if (!isClosed) socket.write(bytes);
    },
    next: (timeoutMs, isHead = false) =>
      new Promise((resolve) => {
        const settle = (outcome: RawReply | 'closed' | 'silent'): void => {
          clearTimeout(timer);
          wake = () => undefined;
          resolve(outcome);
        };
        const look = (): void => {
          const parsed = parseReply(received, isClosed, isHead);
          if (parsed !== undefined) {
            received = received.subarray(parsed.size);
            settle(parsed.reply);
          } else if (isClosed) settle('closed');
        };
        const timer = setTimeout(() => settle('silent'), timeoutMs);
        wake = look;
        look();
      }),
    get isClosed() {
      return isClosed;
    },
    get left() {
      return received;
    },
    readRest: () => {
      const taken = received;
      received = Buffer.alloc(0);
      return taken;
    },
    close: (reset = false) => {
      isClosed = true;
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    },
  };
}
