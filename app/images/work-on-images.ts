import { logFailure } from '../platform/observe/log-failure.ts';
import { OperationalError } from '../platform/operational-error.ts';
import { backOffMaxMs, backOffMs } from '../platform/load/back-off.ts';
import { pause } from '../platform/load/pause.ts';
import { claimImageJob, releaseImageJob } from './image-job-sql.ts';
import { workOnImage, type WorkOnImageDependencies } from './work-on-image.ts';

export interface WorkOnImagesDependencies extends WorkOnImageDependencies {
  /** Concurrent images in this process. */
  readonly lanes: number;
  readonly pollMs: number;
  /** The claim of a worker that died ends after this long. */
  readonly leaseMs: number;
  readonly random: () => number;
  /** Called after each job: a product may show its image now. */
  readonly onWorked?: () => void;
}

/** Used after S3 or MySQL has failed. */
const BACK_OFF = { firstMs: 400, maxMs: 10_000 };

/**
 * Renders the public files of uploaded images and finishes interrupted removals until the signal aborts, then
 * finishes the current images. Any number of processes may run this. Rejects at once if the image library
 * cannot be loaded.
 */
export async function workOnImages(
  dependencies: WorkOnImagesDependencies,
  signal: AbortSignal,
): Promise<void> {
  await dependencies.codec.load();
  await Promise.all(Array.from({ length: dependencies.lanes }, () => runLane(dependencies, signal)));
}

async function runLane(dependencies: WorkOnImagesDependencies, signal: AbortSignal): Promise<void> {
  const { pollMs, random, log } = dependencies;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const hasWorked = await workOnce(dependencies);
      failures = 0;
      if (hasWorked) continue;
    } catch (error) {
      failures += 1;
      logFailure(error, {
        log,
        failed: 'image_work_failed',
        crashed: 'image_work_crashed',
        fields: { failures },
      });
    }
    await pause(pollMs + backOffMs(BACK_OFF, failures, random), signal);
  }
}

/** Claims a job and does it. Returns false if none is due. */
async function workOnce(dependencies: WorkOnImagesDependencies): Promise<boolean> {
  const { database, leaseMs } = dependencies;
  const job = await database.withTransaction({ name: 'claim_image', rerunnable: true }, (tx) =>
    claimImageJob(tx, { kind: 'WORK', leaseMs }),
  );
  if (job === undefined) return false;
  try {
    await workOnImage(dependencies, job);
    dependencies.onWorked?.();
    return true;
  } catch (error) {
    // S3 or MySQL failed, not the image. After any other error the claim expires and counts as an attempt.
    if (error instanceof OperationalError) {
      await database.withTransaction({ name: 'release_image', rerunnable: false }, (tx) =>
        releaseImageJob(tx, job, backOffMaxMs(BACK_OFF, 1)),
      );
    }
    throw error;
  }
}
