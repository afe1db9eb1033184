/**
 * Relays connections with a delay. The main thread reads; a second thread waits and writes, because timers of
 * an event loop know no times below a millisecond. See delay-thread.ts.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { DelayedLinkJob } from './delayed-network.ts';
import type { DelayedBytes } from './delay-thread.ts';

/** Longest delay of bytes that are still to be written when the other side has closed. */
const LAST_BYTES_MS = 100;
/** What waking the second thread and its write take on a quiet machine. */
const OWN_MS = 0.1;
const COMMIT = Buffer.from('COMMIT');

const { host, port, delayMs, commitMs } = JSON.parse(process.argv[2] ?? '') as DelayedLinkJob;
const wake = new Int32Array(new SharedArrayBuffer(4));
const { port1: outgoing, port2: port1OfThread } = new MessageChannel();
const thread = new Worker(join(import.meta.dirname, 'delay-thread.ts'), {
  workerData: { incoming: port1OfThread, wake },
  transferList: [port1OfThread],
});
thread.once('error', (error) => {
  throw error;
});

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host, port, noDelay: true });
  upstream.once('connect', () => {
    relay(client, upstream);
    relay(upstream, client);
  });
  for (const [socket, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    socket.on('error', () => undefined);
    socket.once('close', () => setTimeout(() => other.destroy(), LAST_BYTES_MS));
  }
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());

function relay(from: Socket, to: Socket): void {
  const fd = descriptorOf(to);
  from.on('data', (bytes: Buffer) => {
    const isCommit = commitMs > 0 && bytes.subarray(-COMMIT.length).equals(COMMIT);
    const message: DelayedBytes = {
      fd,
      bytes,
      dueNs:
        process.hrtime.bigint() + BigInt(Math.round((delayMs - OWN_MS + (isCommit ? commitMs : 0)) * 1e6)),
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has none
    outgoing.postMessage(message);
    Atomics.add(wake, 0, 1);
    Atomics.notify(wake, 0);
  });
}

/** Node keeps it, and documents it nowhere. */
function descriptorOf(socket: Socket): number {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  if (!(fd > 2)) throw new Error('a socket without a descriptor');
  return fd;
}
