import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openBarrier } from '../support/barrier.ts';

export interface ReadersJob {
  readonly barrierPort: number;
  /** Servers over which the connections are spread. */
  readonly urls: readonly string[];
  readonly connections: number;
  /** Each connection repeats its request until the list is another one than this. */
  readonly oldGeneratedAt: string | undefined;
}

export interface ReadersOutcome {
  /** Number of answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Number of answers by the time at which their list was built. */
  readonly generations: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

const PROCESSES = 2;

/**
 * Reads the popular list over that many connections at once, from two processes that start at the same
 * moment. Each connection always has a request in flight. `asked` resolves when every connection has sent its
 * first request.
 */
export async function popularReaders(
  job: Omit<ReadersJob, 'barrierPort'>,
): Promise<{ readonly asked: Promise<unknown>; readonly outcomes: Promise<ReadersOutcome[]> }> {
  const barrier = await openBarrier(PROCESSES);
  const readers = Array.from({ length: PROCESSES }, () => {
    const child = fork(fileURLToPath(new URL('./popular-readers-process.ts', import.meta.url)));
    child.send({
      ...job,
      connections: job.connections / PROCESSES,
      barrierPort: barrier.port,
    } satisfies ReadersJob);
    const asked = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<ReadersOutcome>();
    child.on('message', (message) => {
      if (message === 'asked') asked.resolve();
      else outcome.resolve(message as ReadersOutcome);
    });
    // `disconnect` comes after the last message; `exit` may come before it.
    child.once('disconnect', () => {
      outcome.reject(new Error('a process of readers ended without its outcome'));
      asked.reject(new Error('a process of readers ended before it had asked'));
    });
    return { asked: asked.promise, outcome: outcome.promise };
  });
  return {
    asked: Promise.all(readers.map(({ asked }) => asked)),
    outcomes: Promise.all(readers.map(({ outcome }) => outcome)),
  };
}
