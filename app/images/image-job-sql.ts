import type { Database, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** See app/migrations/0041-image-jobs.sql. */
export type ImageJobKind = 'WORK' | 'EXPIRE';

export interface ImageJob {
  readonly imageId: string;
  /** Claims so far, this one included. */
  readonly attempts: number;
}

/** For an image that has just been announced: forgotten after `keptMs` unless something else becomes of it. */
export async function insertImageJobs(
  tx: Transaction,
  imageIds: readonly string[],
  { announcedBy, keptMs }: { announcedBy: string | undefined; keptMs: number },
): Promise<void> {
  if (imageIds.length === 0) return;
  const row = "(?, 'EXPIRE', NOW(3) + INTERVAL ? MICROSECOND, ?)";
  const admin = announcedBy === undefined ? null : uuidBytes(announcedBy);
  await tx.write(
    `INSERT INTO image_jobs (image_id, kind, due_at, announced_by) VALUES ${imageIds.map(() => row).join(', ')}`,
    imageIds.flatMap((id) => [uuidBytes(id), keptMs * 1000, admin]),
  );
}

/** Work for any worker, from now on, with all attempts before it; the caller has locked the image. */
export async function giveToWorkers(tx: Transaction, imageId: string): Promise<void> {
  await tx.write(
    `UPDATE image_jobs SET kind = 'WORK', due_at = NOW(3), waiting_since = NOW(3), attempts = 0, rejected_for = NULL
     WHERE image_id = ?`,
    [uuidBytes(imageId)],
  );
}

/** Nothing is left of a refused upload but its reason, for `keptMs`; the caller has locked the image. */
export async function keepRejection(
  tx: Transaction,
  imageId: string,
  { reason, keptMs }: { reason: string; keptMs: number },
): Promise<void> {
  await tx.write(
    `UPDATE image_jobs SET kind = 'EXPIRE', due_at = NOW(3) + INTERVAL ? MICROSECOND, attempts = 0, rejected_for = ?
     WHERE image_id = ?`,
    [keptMs * 1000, reason, uuidBytes(imageId)],
  );
}

/**
 * Claims the job that has been due the longest, for `leaseMs`, by the index image_jobs_due. A job that another process
 * is claiming is skipped, and one whose process has died is due again after its lease. Times are the database's.
 * Without FORCE the server sorts a small table, and so locks all of it.
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
 * The job is due again after `delayMs`, unless another one has it by now. A claim that failed for reasons outside of the
 * image does not count as an attempt.
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
 * Gives the removal of an image to the one who asks, for `leaseMs`. True when a worker may be writing objects of the
 * image at this moment: then the job stays its own until its claim ends, and what it leaves is removed after that.
 * The caller has locked the image and knows whether it is one that workers write objects of, and whether it was removed
 * before: then the work has waited since that time.
 */
export async function takeForRemoval(
  tx: Transaction,
  imageId: string,
  { leaseMs, isInWork, isRepeated }: { leaseMs: number; isInWork: boolean; isRepeated: boolean },
): Promise<boolean> {
  const id = uuidBytes(imageId);
  const [job] = await tx.read<{ is_claimed: number }>(
    "SELECT kind = 'WORK' AND attempts > 0 AND due_at > NOW(3) AS is_claimed FROM image_jobs WHERE image_id = ? FOR UPDATE",
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

/** The caller has locked the image. */
export async function deleteImageJob(tx: Transaction, imageId: string): Promise<void> {
  await tx.write('DELETE FROM image_jobs WHERE image_id = ?', [uuidBytes(imageId)]);
}

/** Jobs that are looked at for the oldest; more than that are never there. */
const WAITING_MAX = 1000;

/**
 * For how long the oldest image that workers still have something to do for has waited for them, in seconds; 0 when there is
 * none. Not since when its job is due: each try that fails puts that off. Without the time of it (a row of the release
 * before) since its announcement. By the index image_jobs_due and the primary key.
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
