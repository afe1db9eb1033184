import { once } from 'node:events';
import { connect } from 'node:net';
import { onCleanup } from '../cleanup.ts';
import { contractOfThisRelease, expectDocumented } from './expect-documented.ts';
import { parseReply, type RawReply } from './parse-reply.ts';
import { until } from '../until.ts';

export interface RawConnection {
  /** Sends bytes unchanged; a string as Latin-1, so that every byte can be written. */
  write(bytes: string | Uint8Array): void;
  /** Ends the sending side (FIN) and keeps receiving. */
  finish(): void;
  /** The next whole reply, in the order of the requests. Throws if the connection ends without a reply. */
  reply(timeoutMs?: number): Promise<RawReply>;
  /** True once the server has closed the connection. */
  readonly closed: boolean;
  destroy(): void;
}

const REPLY_TIMEOUT_MS = 30_000;

/**
 * A TCP connection on which a test writes HTTP/1.1 by hand: half a request, two at once, a wrong length,
 * bytes that no client library would send. Closed after the test at the latest.
 */
export async function openRawHttp(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
  let received = Buffer.alloc(0);
  let closed = false;
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
  });
  for (const event of ['end', 'close', 'error']) {
    socket.on(event, () => {
      closed = true;
    });
  }
  onCleanup(() => {
    socket.destroy();
  });
  await once(socket, 'connect');

  return {
    write: (bytes) => {
      socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    finish: () => {
      socket.end();
    },
    async reply(timeoutMs = REPLY_TIMEOUT_MS) {
      const { reply, size } = await until(
        'a reply',
        () => parseReply(received, closed) ?? (closed ? { reply: undefined, size: 0 } : undefined),
        { timeoutMs, intervalMs: 1 },
      );
      if (reply === undefined) {
        throw new Error(`the connection was closed after ${JSON.stringify(received.toString('latin1'))}`);
      }
      received = received.subarray(size);
      return reply;
    },
    get closed() {
      return closed;
    },
    destroy: () => {
      socket.destroy();
    },
  };
}

/**
 * Sends one request and returns its reply. `head` is the request line and the header lines, without the empty
 * line at the end. `Content-Length` is added if there is a body and no length. Throws for a reply that the
 * OpenAPI document does not contain.
 */
export async function rawRequest(
  url: string,
  head: string,
  body: string | Uint8Array = '',
): Promise<RawReply> {
  // Built beforehand, so that it does not count towards the request's time.
  contractOfThisRelease();
  const connection = await openRawHttp(url);
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body);
  const hasLength = bytes.length === 0 || /^(content-length|transfer-encoding):/im.test(head);
  connection.write(`${head}${hasLength ? '' : `\r\nContent-Length: ${bytes.length}`}\r\n\r\n`);
  if (bytes.length > 0) connection.write(bytes);
  // Method and target are unknown without a valid request line, to the server too.
  const [, method = '?', target = '?'] = /^(\S+) (\S+) HTTP\//.exec(head) ?? [];
  try {
    const reply = await connection.reply();
    expectDocumented({ ...reply, method, target });
    return reply;
  } finally {
    connection.destroy();
  }
}
