import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onCleanup } from './cleanup.ts';

export interface Barrier {
  /** Passed on to other processes of this machine. */
  readonly port: number;
  /** Number of tasks waiting now. */
  readonly waiting: number;
  /** Resolves when all parties have arrived. */
  readonly opened: Promise<void>;
  close(): void;
}

/**
 * A start line for `parties` tasks, in one process or in several: each awaits `arriveAt(port)`, and all
 * continue when the last one has arrived. They then run as simultaneously as the machine allows. A plain
 * Promise.all after unequal preparations does not achieve that.
 */
export async function openBarrier(parties: number): Promise<Barrier> {
  const waiting = new Set<Socket>();
  const all = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => waiting.delete(socket));
    socket.on('close', () => waiting.delete(socket));
    if (waiting.size < parties) return;
    for (const each of waiting) each.end('go');
    server.close();
    all.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.close();
    for (const each of waiting) each.destroy();
  };
  onCleanup(close);
  return {
    port: (server.address() as AddressInfo).port,
    get waiting() {
      return waiting.size;
    },
    opened: all.promise,
    close,
  };
}

/** Waits at the barrier. Throws when it is closed, or not complete within `timeoutMs`. */
export async function arriveAt(port: number, timeoutMs = 10_000): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const [answer] = (await Promise.race([
      once(socket, 'data', { signal }),
      once(socket, 'close', { signal }).then(() => {
        throw new Error('the barrier was closed before all had arrived');
      }),
    ])) as [Buffer];
    if (answer.toString() !== 'go') throw new Error('the barrier answered something else than go');
  } catch (error) {
    if (signal.aborted)
      throw new Error(`not all parties arrived at the barrier within ${timeoutMs} ms`, { cause: error });
    throw error;
  } finally {
    socket.destroy();
  }
}
