import { connect, type Socket } from 'node:net';

export interface HttpConnection {
  readonly isBusy: boolean;
  /** Sends a whole request; none may be in progress. */
  send(text: string): void;
  /** Closes the connection and calls no further callbacks. */
  close(): void;
}

export interface HttpConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly onAnswer: (status: number, answer: Buffer) => void;
  /** The connection ended; a request in progress gets no response. */
  readonly onEnd: (reason: string, wasBusy: boolean) => void;
}

const CONNECT_TIMEOUT_MS = 5000;
const READ_BUFFER_BYTES = 16 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');
const CONTENT_LENGTH = Buffer.from('\r\nContent-Length: ');
const CLOSES = Buffer.from('\r\nConnection: close');
const ZERO = 48;

/**
 * A keep-alive connection that parses only HTTP/1.1 responses with a Content-Length: CPU time spent on
 * parsing is missing to the server on the same machine. Bytes are read into one buffer that is reused
 * (`onread`), which avoids the stream machinery of the reading side.
 */
export function openHttpConnection(options: HttpConnectionOptions): Promise<HttpConnection> {
  const { host, port, onAnswer, onEnd } = options;
  let isBusy = false;
  let hasEnded = false;
  /** Bytes of a response that arrives in several pieces. */
  let partial: Buffer | undefined;

  const end = (reason: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    socket.destroy();
    onEnd(reason, isBusy);
  };
  const take = (length: number, buffer: Uint8Array): boolean => {
    const piece = (buffer as Buffer).subarray(0, length);
    const bytes = partial === undefined ? piece : Buffer.concat([partial, piece]);
    const expected = answerLength(bytes);
    if (expected === undefined) {
      // Copies, because the buffer is reused.
      partial = partial === undefined ? Buffer.from(bytes) : bytes;
      return true;
    }
    partial = undefined;
    if (expected !== bytes.length || !isBusy) {
      end('the server sent something that is no single answer with a Content-Length');
      return true;
    }
    const status = statusOf(bytes);
    isBusy = false;
    onAnswer(status, bytes);
    // Ends the connection, otherwise the next request could be sent while the server closes it.
    if (status !== 200 && bytes.includes(CLOSES)) end('the server closed the connection after an answer');
    return true;
  };

  const socket: Socket = connect({
    host,
    port,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES), callback: take },
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no connection to port ${port} within ${CONNECT_TIMEOUT_MS} ms`));
    }, CONNECT_TIMEOUT_MS);
    socket.once('error', reject);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      socket.on('error', (error: Error & { code?: string }) => end(error.code ?? error.message));
      socket.once('close', () => end('the server closed the connection'));
      resolve({
        get isBusy() {
          return isBusy;
        },
        send(text) {
          isBusy = true;
          socket.write(text, 'latin1');
        },
        close() {
          hasEnded = true;
          socket.destroy();
        },
      });
    });
  });
}

/** Length of the complete response at the start of the bytes; undefined while it is incomplete. */
function answerLength(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const at = bytes.indexOf(CONTENT_LENGTH);
  if (at === -1 || at > headEnd) return -1;
  let bodyLength = 0;
  for (let index = at + CONTENT_LENGTH.length; ; index += 1) {
    const digit = (bytes[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    bodyLength = bodyLength * 10 + digit;
  }
  const length = headEnd + HEAD_END.length + bodyLength;
  return bytes.length < length ? undefined : length;
}

/** Parses the digits in `HTTP/1.1 200 OK`. */
function statusOf(bytes: Buffer): number {
  const digit = (index: number): number => (bytes[index] ?? 0) - ZERO;
  return digit(9) * 100 + digit(10) * 10 + digit(11);
}
