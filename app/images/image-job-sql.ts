import type { Database, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** See app/migrations/0041-image-jobs.sql. */
export type ImageJobKind = 'WORK' | 'EXPIRE';

export interface ImageJob {
  readonly imageId: string;
  /** Number of claims, including this one. */
  readonly attempts: number;
}

/** Schedules the deletion of newly announced images after `retentionMs`, unless they are completed. */
export async function insertImageJobs(
  tx: Transaction,
  imageIds: readonly string[],
  { announcedBy, retentionMs }: { announcedBy: string | undefined; retentionMs: number },
): Promise<void> {
  if (imageIds.length === 0) return;
  const row = "(?, 'EXPIRE', NOW(3) + INTERVAL ? MICROSECOND, ?)";
  const admin = announcedBy === undefined ? null : uuidBytes(announcedBy);
  await tx.write(
    `INSERT INTO image_jobs (image_id, kind, due_at, announced_by)
     VALUES ${imageIds.map(() => row).join(', ')}`,
    imageIds.flatMap((id) => [uuidBytes(id), retentionMs * 1000, admin]),
  );
}

/** Queues an image for any worker, now and with all attempts left. Call it with the image locked. */
export async function giveToWorkers(tx: Transaction, imageId: string): Promise<void> {
  await tx.write(
    `UPDATE image_jobs
     SET kind = 'WORK', due_at = NOW(3), waiting_since = NOW(3), attempts = 0, rejected_for = NULL
     WHERE image_id = ?`,
    [uuidBytes(imageId)],
  );
}

/** Keeps only the reason of a rejected upload, for `retentionMs`. Call it with the image locked. */
export async function keepRejection(
  tx: Transaction,
  imageId: string,
  { reason, retentionMs }: { reason: string; retentionMs: number },
): Promise<void> {
  await tx.write(
    `UPDATE image_jobs
     SET kind = 'EXPIRE', due_at = NOW(3) + INTERVAL ? MICROSECOND, attempts = 0, rejected_for = ?
     WHERE image_id = ?`,
    [retentionMs * 1000, reason, uuidBytes(imageId)],
  );
}

/**
 * Claims the job that has been due longest, for `leaseMs`. Uses the index image_jobs_due. Jobs that another
 * process is claiming are skipped; the job of a process that died is due again after its lease. Times are the
 * database's. FORCE INDEX: otherwise the server sorts a small table and so locks all of it.
 */
export async function claimImageJob(
  tx: Transaction,
  { kind, leaseMs }: { kind: ImageJobKind; leaseMs: number },
): Promise<ImageJob | undefined> {
  const [row] = await tx.read<{ image_id: Buffer; attempts: number }>(
    `SELECT image_id, attempts FROM image_jobs FORCE INDEX (image_jobs_due)
     WHERE kind = ? AND due_at <= NOW(3) ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [kind],
  );
  if (row === undefined) return undefined;
  await tx.write(
    `UPDATE image_jobs SET due_at = NOW(3) + INTERVAL ? MICROSECOND, attempts = LEAST(attempts + 1, 1000)
     WHERE image_id = ?`,
    [leaseMs * 1000, row.image_id],
  );
  return { imageId: uuidText(row.image_id), attempts: row.attempts + 1 };
}

/**
 * Makes the job due again after `delayMs`, unless another worker has claimed it by now. The attempt is not
 * counted, because the failure was not caused by the image.
 */
export async function releaseImageJob(
  tx: Transaction,
  { imageId, attempts }: ImageJob,
  delayMs: number,
): Promise<void> {
  await tx.write(
    `UPDATE image_jobs SET due_at = NOW(3) + INTERVAL ? MICROSECOND, attempts = attempts - 1
     WHERE image_id = ? AND attempts = ?`,
    [delayMs * 1000, uuidBytes(imageId), attempts],
  );
}

/**
 * Claims the removal of an image for `leaseMs`. Returns true if a worker may be writing objects of the image
 * now: the worker keeps the job until its claim ends, and its objects are removed after that. Call it with
 * the image locked.
 *
 * `isInWork`: workers may write objects of this image. `isRepeated`: the image was removed before, and its
 * job has waited since then.
 */
export async function claimRemoval(
  tx: Transaction,
  imageId: string,
  { leaseMs, isInWork, isRepeated }: { leaseMs: number; isInWork: boolean; isRepeated: boolean },
): Promise<boolean> {
  const id = uuidBytes(imageId);
  const [job] = await tx.read<{ is_claimed: number }>(
    `SELECT kind = 'WORK' AND attempts > 0 AND due_at > NOW(3) AS is_claimed
     FROM image_jobs WHERE image_id = ? FOR UPDATE`,
    [id],
  );
  const isClaimed = isInWork && job?.is_claimed === 1;
  if (isClaimed) return true;
  await tx.write(
    `INSERT INTO image_jobs (image_id, kind, due_at, waiting_since, attempts)
     VALUES (?, 'WORK', NOW(3) + INTERVAL ? MICROSECOND, NOW(3), 0)
     ON DUPLICATE KEY UPDATE kind = VALUES(kind), due_at = VALUES(due_at), attempts = VALUES(attempts)
       ${isRepeated ? '' : ', waiting_since = VALUES(waiting_since)'}`,
    [id, leaseMs * 1000],
  );
  return false;
}

/** Call it with the image locked. */
export async function deleteImageJob(tx: Transaction, imageId: string): Promise<void> {
  await tx.write('DELETE FROM image_jobs WHERE image_id = ?', [uuidBytes(imageId)]);
}

/** Jobs that are searched for the oldest one; there are never more in practice. */
const WAITING_MAX = 1000;

/**
 * How long the oldest image has waited for workers, in seconds; 0 if none waits. Measured from
 * `waiting_since`, not from the due time, which every failed attempt postpones. Rows of the previous release
 * lack `waiting_since` and are measured from their announcement. Uses the index image_jobs_due and the
 * primary key.
 */
export async function readOldestWorkAgeS(database: Database): Promise<number> {
  const [row] = await database.read<{ age_us: number | null }>(
    `SELECT TIMESTAMPDIFF(MICROSECOND, MIN(COALESCE(j.waiting_since, i.created_at)), NOW(3)) AS age_us
     FROM (SELECT image_id, waiting_since FROM image_jobs FORCE INDEX (image_jobs_due) WHERE kind = 'WORK'
           ORDER BY due_at LIMIT ${WAITING_MAX}) j
     JOIN product_images i ON i.id = j.image_id`,
  );
  return Math.max(0, (row?.age_us ?? 0) / 1_000_000);
}
