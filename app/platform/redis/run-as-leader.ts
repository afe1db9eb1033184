import { repeatWork, type RepeatWorkDependencies } from '../load/repeat-work.ts';
import type { RedisLocks } from './redis-lock.ts';

export interface LeaderDependencies extends RepeatWorkDependencies {
  readonly locks: RedisLocks;
}

export interface LeaderOptions {
  /** Names the work. Processes that use the same name elect one leader among them. */
  readonly name: string;
  /** When the leader dies, another process may lead after this long. */
  readonly ttlMs: number;
}

/**
 * Runs `work` about every `everyMs` until `signal` aborts, on one process of the fleet at a time. Never
 * rejects; see repeatWork.
 *
 * Two processes may run `work` at once (see redis-lock.ts), so it must be harmless when done twice. It must
 * end when the signal that it receives aborts. While Redis is unavailable every process runs it, because work
 * done twice is better than work never done.
 */
export async function runAsLeader(
  { locks, ...repeating }: LeaderDependencies,
  { name, ttlMs }: LeaderOptions,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const asLeader = async () => {
    const outcome = await locks.tryRun({ name, ttlMs, waitMaxMs: 0 }, (lost) =>
      work(AbortSignal.any([signal, lost])),
    );
    if (!outcome.ran && outcome.because === 'unavailable') await work(signal);
  };
  await repeatWork(repeating, name, asLeader, signal);
}
