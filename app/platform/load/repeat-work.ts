import type { Log } from '../observe/log.ts';
import { logFailure } from '../observe/log-failure.ts';
import { pause } from './pause.ts';

export interface RepeatWorkDependencies {
  readonly everyMs: number;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Runs `work` about every `everyMs` until `signal` aborts, which also ends the run in progress. Logs what
 * `work` throws and runs it again at its next time. Never rejects.
 */
export async function repeatWork(
  { everyMs, random, log }: RepeatWorkDependencies,
  name: string,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work(signal);
    } catch (error) {
      logFailure(error, {
        log,
        failed: 'background_work_failed',
        crashed: 'background_work_crashed',
        fields: { work: name },
      });
    }
    // Jitter, so that processes do not all start at once.
    await pause(everyMs * (0.75 + random() / 2), signal);
  }
}
