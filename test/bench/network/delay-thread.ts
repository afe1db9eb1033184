/** Writes bytes to descriptors when they are due. Sleeps in between, to within some 60 µs. */
import { writeSync } from 'node:fs';
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';

export interface DelayedBytes {
  readonly fd: number;
  readonly bytes: Uint8Array;
  /** By process.hrtime. */
  readonly dueNs: bigint;
}

/** The receiver's buffer is full: try again. */
const AGAIN_NS = 200_000n;

const { incoming, wake } = workerData as { readonly incoming: MessagePort; readonly wake: Int32Array };
const waiting: DelayedBytes[] = [];

for (;;) {
  const seen = Atomics.load(wake, 0);
  for (let next = receiveMessageOnPort(incoming); next; next = receiveMessageOnPort(incoming)) {
    add(next.message as DelayedBytes);
  }
  while (waiting[0] !== undefined && waiting[0].dueNs <= process.hrtime.bigint()) write(waiting.shift());
  const leftNs = waiting[0] === undefined ? undefined : waiting[0].dueNs - process.hrtime.bigint();
  if (leftNs === undefined || leftNs > 0n) {
    Atomics.wait(wake, 0, seen, leftNs === undefined ? Number.POSITIVE_INFINITY : Number(leftNs) / 1e6);
  }
}

/** Keeps them in order of time. Bytes of one connection never overtake each other: delays are alike. */
function add(delayed: DelayedBytes): void {
  let at = waiting.length;
  while (at > 0 && (waiting[at - 1] as DelayedBytes).dueNs > delayed.dueNs) at -= 1;
  waiting.splice(at, 0, delayed);
}

function write(delayed: DelayedBytes | undefined): void {
  if (delayed === undefined) return;
  const { fd, bytes } = delayed;
  try {
    const written = writeSync(fd, bytes);
    if (written < bytes.length) add({ fd, bytes: bytes.subarray(written), dueNs: delayed.dueNs });
  } catch (error) {
    // Any other error: the connection is gone, and its bytes with it.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
      add({ ...delayed, dueNs: process.hrtime.bigint() + AGAIN_NS });
    }
  }
}
