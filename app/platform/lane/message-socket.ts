import type { Socket } from 'node:net';

export interface MessageSocket {
  /** Sends with all other messages of this event-loop tick, in one write. Does nothing after the end. */
  send(message: readonly unknown[]): void;
  /** Sends what waits, then closes this side. */
  end(): void;
  /** Closes at once and calls `onEnd`. */
  destroy(): void;
}

export interface MessageSocketOptions {
  /** Receives the messages of one read together. Each is an array; nothing else about it is checked. */
  readonly onMessages: (messages: readonly (readonly unknown[])[]) => void;
  /** Called once, also after `end` and `destroy`. */
  readonly onEnd: () => void;
}

/** Longest message in characters: an order of 50 lines with long names takes some 30,000. */
const MESSAGE_MAX = 256 * 1024;
/** Bytes that may wait for a peer that reads too slowly; a connection above it is closed. */
const UNSENT_MAX = 16 * 1024 * 1024;

/**
 * Exchanges messages over a connected socket: JSON arrays, one per line. A message that is too long or is no
 * array ends the connection.
 */
export function messageSocket(socket: Socket, { onMessages, onEnd }: MessageSocketOptions): MessageSocket {
  let outgoing = '';
  let partial = '';

  const flush = (): void => {
    const text = outgoing;
    outgoing = '';
    if (text === '' || !socket.writable) return;
    socket.write(text);
    if (socket.writableLength > UNSENT_MAX) socket.destroy();
  };

  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = (partial === '' ? text : partial + text).split('\n');
    partial = lines.pop() ?? '';
    try {
      const messages = lines.map(parseMessage);
      if (partial.length > MESSAGE_MAX) throw new Error('the message is too long');
      onMessages(messages);
    } catch {
      socket.destroy();
    }
  });
  // The end tells all that matters: the peer is gone.
  socket.on('error', () => undefined);
  socket.once('end', () => socket.destroy());
  socket.once('close', onEnd);

  return {
    send(message) {
      if (outgoing === '') setImmediate(flush);
      outgoing += `${JSON.stringify(message)}\n`;
    },
    end() {
      flush();
      socket.end();
    },
    destroy: () => socket.destroy(),
  };
}

function parseMessage(line: string): readonly unknown[] {
  if (line.length > MESSAGE_MAX) throw new Error('the message is too long');
  const message: unknown = JSON.parse(line);
  if (!Array.isArray(message)) throw new Error('a message is an array');
  return message;
}
