import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';
import { pause } from './pause.ts';

export interface RepeatWorkDependencies {
  readonly everyMs: number;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Runs `work` about every `everyMs` until `signal` aborts, which also ends the run in progress. Logs what `work` throws and
 * runs it again at its next time. Never rejects.
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
      if (error instanceof OperationalError)
        log.warn('turn_failed', { work: name, reason: failureReason(error) });
      else log.error('turn_crashed', { work: name, error });
    }
    // Spread, so that processes do not all start at once.
    await pause(everyMs * (0.75 + random() / 2), signal);
  }
}
