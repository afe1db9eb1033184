import type { Log } from '../observe/log.ts';
import { failureReason, OperationalError } from '../operational-error.ts';
import { pause } from '../load/pause.ts';
import type { RedisLocks } from './redis-lock.ts';

export interface TakeTurnsDependencies {
  readonly locks: RedisLocks;
  readonly everyMs: number;
  readonly random: () => number;
  readonly log: Log;
}

export interface TurnsOptions {
  /** Names the work. Processes that name the same one take turns. */
  readonly name: string;
  /** When the process that has the turn dies, another one may have it after this long. */
  readonly ttlMs: number;
}

/**
 * Does `work` about every `everyMs` until `signal` aborts, and never rejects. One process in the fleet does it at a
 * time, as far as Redis can tell: `work` must do no harm when two do it at once, and ends when its own signal aborts.
 * Without Redis each process does it, because work that is done twice is better than work that is never done; the data
 * platform on AWS reaches no Redis at all. What it throws is logged and is no reason to stop: the next turn comes.
 */
export async function takeTurns(
  { locks, everyMs, random, log }: TakeTurnsDependencies,
  { name, ttlMs }: TurnsOptions,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const outcome = await locks.tryRun({ name, ttlMs, waitMaxMs: 0 }, (lost) =>
        work(AbortSignal.any([signal, lost])),
      );
      if (!outcome.ran && outcome.because === 'unavailable') await work(signal);
    } catch (error) {
      if (error instanceof OperationalError)
        log.warn('turn_failed', { work: name, reason: failureReason(error) });
      else log.error('turn_crashed', { work: name, error });
    }
    // Spread, so that the processes do not all ask for the lock at once.
    await pause(everyMs * (0.75 + random() / 2), signal);
  }
}
