import type { Log } from '../platform/log.ts';
import { failureReason, OperationalError } from '../platform/operational-error.ts';
import { pause } from '../platform/pause.ts';
import type { RedisLocks } from '../platform/redis-lock.ts';
import { claimImageJob } from './image-job-sql.ts';
import { removeImage, type RemoveImageDependencies } from './remove-image.ts';

export interface SweepUploadsDependencies extends RemoveImageDependencies {
  readonly locks: RedisLocks;
  readonly everyMs: number;
  readonly random: () => number;
  readonly log: Log;
}

const LOCK_TTL_MS = 10_000;
/** The rest has time until the next turn. */
const SWEPT_MAX = 1000;

/**
 * Forgets uploads that nobody has completed and those that were refused, once their time has passed, until the signal
 * aborts. One process in the fleet does it at a time; two at once would share the work. An object that was uploaded
 * after that is removed by the bucket's own lifecycle.
 */
export async function sweepUploads(
  dependencies: SweepUploadsDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { locks, everyMs, random, log } = dependencies;
  while (!signal.aborted) {
    // Spread, so that the processes do not all ask for the lock at once.
    await pause(everyMs * (0.75 + random() / 2), signal);
    try {
      const lock = { name: 'image-uploads', ttlMs: LOCK_TTL_MS, waitMaxMs: 0 };
      await locks.tryRun(lock, (lost) => sweepOnce(dependencies, AbortSignal.any([signal, lost])));
    } catch (error) {
      if (error instanceof OperationalError) log.warn('uploads_not_swept', { reason: failureReason(error) });
      else log.error('upload_sweep_crashed', { error });
    }
  }
}

async function sweepOnce(dependencies: SweepUploadsDependencies, signal: AbortSignal): Promise<void> {
  const { database, leaseMs, log } = dependencies;
  let swept = 0;
  while (!signal.aborted && swept < SWEPT_MAX) {
    const job = await database.withTransaction({ name: 'claim_upload', rerunnable: true }, (tx) =>
      claimImageJob(tx, { kind: 'EXPIRE', leaseMs }),
    );
    if (job === undefined) break;
    // Not one that has been completed in this moment.
    await removeImage(dependencies, job.imageId, ['PENDING', 'REJECTED']);
    swept += 1;
  }
  if (swept > 0) log.info('uploads_swept', { swept });
}
