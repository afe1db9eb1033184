import { logFailure } from '../platform/observe/log-failure.ts';
import { OperationalError } from '../platform/operational-error.ts';
import { backOffMaxMs, backOffMs } from '../platform/load/back-off.ts';
import { pause } from '../platform/load/pause.ts';
import { claimImageJob, releaseImageJob } from './image-job-sql.ts';
import { workOnImage, type WorkOnImageDependencies } from './work-on-image.ts';

export interface WorkOnImagesDependencies extends WorkOnImageDependencies {
  /** Images at once in this process. */
  readonly lanes: number;
  readonly pollMs: number;
  /** A claim of a worker that has died ends after this. */
  readonly leaseMs: number;
  readonly random: () => number;
}

/** After S3 or MySQL has failed. */
const BACK_OFF = { firstMs: 400, maxMs: 10_000 };

/**
 * Makes the public files of uploaded images, and ends removals that were cut short, until the signal aborts; the image
 * in hand is finished. Any number of processes may do this. Rejects at once where the image library cannot be loaded.
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

/** Claims a job and does it; false when none is due. */
export async function workOnce(dependencies: WorkOnImagesDependencies): Promise<boolean> {
  const { database, leaseMs } = dependencies;
  const job = await database.withTransaction({ name: 'claim_image', rerunnable: true }, (tx) =>
    claimImageJob(tx, { kind: 'WORK', leaseMs }),
  );
  if (job === undefined) return false;
  try {
    await workOnImage(dependencies, job);
    return true;
  } catch (error) {
    // S3 was away: not the image's fault. After anything else the claim runs out and counts as an attempt.
    if (error instanceof OperationalError) {
      await database.withTransaction({ name: 'release_image', rerunnable: false }, (tx) =>
        releaseImageJob(tx, job, backOffMaxMs(BACK_OFF, 1)),
      );
    }
    throw error;
  }
}
