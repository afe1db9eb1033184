import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import { claimImageJob } from './image-job-sql.ts';
import { removeImage, type RemoveImageDependencies } from './remove-image.ts';

export type SweepUploadsDependencies = RemoveImageDependencies & LeaderDependencies;

const LOCK_TTL_MS = 10_000;
/** Limit per run. The rest waits for the next run. */
const SWEPT_MAX = 1000;

/**
 * Deletes expired uploads that were not completed or were rejected, until the signal aborts. One process in
 * the fleet does this at a time; two at once share the work. The bucket's lifecycle rule deletes objects that
 * are uploaded later.
 */
export function sweepUploads(dependencies: SweepUploadsDependencies, signal: AbortSignal): Promise<void> {
  const sweep = (leading: AbortSignal) => sweepOnce(dependencies, leading);
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
    // Skip images that an admin has completed meanwhile.
    await removeImage(dependencies, { imageId: job.imageId, onlyIn: ['PENDING', 'REJECTED'] });
    swept += 1;
  }
  if (swept > 0) log.info('uploads_swept', { swept });
}
