import type { Log } from '../observe/log.ts';
import { logFailure } from '../observe/log-failure.ts';
import { pause } from '../load/pause.ts';
import type { RedisLocks } from './redis-lock.ts';

export interface LeaderDependencies {
  readonly locks: RedisLocks;
  readonly everyMs: number;
  readonly random: () => number;
  readonly log: Log;
}

export interface LeaderOptions {
  /** Names the work. Processes that use the same name elect one leader among them. */
  readonly name: string;
  /** When the leader dies, another process may lead after this long. */
  readonly ttlMs: number;
}

/**
 * Runs `work` about every `everyMs` until `signal` aborts, on one process of the fleet at a time. Never rejects:
 * failures of `work` are logged, and the next run comes as scheduled.
 *
 * Two processes may run `work` at once (see redis-lock.ts), so it must be harmless when done twice. It must end when
 * the signal that it receives aborts. While Redis is unavailable every process runs it, because work done twice is
 * better than work never done; the data platform on AWS has no Redis at all.
 */
export async function runAsLeader(
  { locks, everyMs, random, log }: LeaderDependencies,
  { name, ttlMs }: LeaderOptions,
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
      logFailure(error, { log, failed: 'turn_failed', crashed: 'turn_crashed', fields: { work: name } });
    }
    // Spread, so that the processes do not all ask for the lock at once.
    await pause(everyMs * (0.75 + random() / 2), signal);
  }
}
