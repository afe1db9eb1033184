import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openBarrier } from '../support/barrier.ts';

export interface ReadersJob {
  readonly barrierPort: number;
  /** The connections are spread over them. */
  readonly urls: readonly string[];
  readonly connections: number;
  /** Each connection asks until the list is another one than this. */
  readonly oldGeneratedAt: string | undefined;
}

export interface ReadersOutcome {
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Answers by when their list was made. */
  readonly generations: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

const PROCESSES = 2;

/**
 * Reads the popular list over that many connections at once, from two processes that are let go at the same
 * moment, each connection with a request under way all the time. `asked` resolves when all have sent their
 * first one.
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
    // After the last message, unlike the exit.
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
