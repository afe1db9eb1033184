import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import { claimImageJob } from './image-job-sql.ts';
import { removeImage, type RemoveImageDependencies } from './remove-image.ts';

export type SweepUploadsDependencies = RemoveImageDependencies & LeaderDependencies;

const LOCK_TTL_MS = 10_000;
/** The rest has time until the next turn. */
const SWEPT_MAX = 1000;

/**
 * Forgets uploads that nobody has completed and those that were refused, once their time has passed, until the signal
 * aborts. One process in the fleet does it at a time; two at once would share the work. An object that was uploaded
 * after that is removed by the bucket's own lifecycle.
 */
export function sweepUploads(dependencies: SweepUploadsDependencies, signal: AbortSignal): Promise<void> {
  const sweep = (turn: AbortSignal) => sweepOnce(dependencies, turn);
  return runAsLeader(dependencies, { name: 'image-uploads', ttlMs: LOCK_TTL_MS }, sweep, signal);
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
