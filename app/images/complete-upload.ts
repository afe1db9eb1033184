import type { Database } from '../platform/mysql/database.ts';
import type { ImageCodec } from './image-codec.ts';
import { OperationalError } from '../platform/operational-error.ts';
import type { Semaphore } from '../platform/load/semaphore.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { checkUpload } from './check-upload.ts';
import { giveToWorkers } from './image-job-sql.ts';
import { imageKeys } from './image-keys.ts';
import { findImage, type ImageInProgress, lockImage, setImageStatus } from './image-sql.ts';
import { rejectUpload, type RejectUploadDependencies } from './reject-upload.ts';

export interface CompleteUploadDependencies extends RejectUploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  readonly codec: ImageCodec;
  /** Limits how many uploads are in memory at once. */
  readonly checking: Semaphore;
}

/** Longest wait for a permit, out of the request deadline of 8 s. */
const PERMIT_WAIT_MS = 2000;

/**
 * Checks that the uploaded file is what was announced, and an image, and gives it to the workers. Only the admin who
 * announced it may. Completing again, before, while or after, gives the state of the image and changes nothing: one
 * status moves to the next under the lock of the row. No transaction is open while S3 answers.
 */
export async function completeUpload(
  dependencies: CompleteUploadDependencies,
  imageId: string,
  adminId: string | undefined,
): Promise<ImageInProgress | 'image_not_found' | 'forbidden' | 'upload_incomplete'> {
  const { database, checking } = dependencies;
  const image = await findImage(database, imageId);
  if (image === undefined || image.status === 'REMOVED') return 'image_not_found';
  if (image.announcedBy !== undefined && image.announcedBy !== adminId) return 'forbidden';
  if (image.status !== 'PENDING') return image;

  if (!(await checking.acquire(PERMIT_WAIT_MS)))
    throw new OperationalError('busy_retry', 'too many uploads are being checked');
  try {
    await checkAndPass(dependencies, image);
  } finally {
    checking.release();
  }
  // Whatever has become of it, here or by a completion that was faster.
  const now = await findImage(database, imageId);
  if (now === undefined || now.status === 'REMOVED') return 'image_not_found';
  return now.status === 'PENDING' ? 'upload_incomplete' : now;
}

async function checkAndPass(dependencies: CompleteUploadDependencies, image: ImageInProgress): Promise<void> {
  const { database, bucket, codec } = dependencies;
  const key = imageKeys.upload(image.id);
  const head = await bucket.head(key);
  if (head === undefined) return;
  // The size first: what is larger than announced is not read.
  if (head.sizeBytes !== image.sizeBytes) return rejectUpload(dependencies, image.id, 'wrong_size');
  const bytes = await bucket.read(key, image.sizeBytes);
  if (bytes === undefined) return;
  const reason = await checkUpload(codec, image, bytes);
  if (reason !== undefined) return rejectUpload(dependencies, image.id, reason);
  await database.withTransaction({ name: 'complete_upload', rerunnable: true }, async (tx) => {
    if ((await lockImage(tx, image.id))?.status !== 'PENDING') return;
    await setImageStatus(tx, image.id, 'PROCESSING');
    await giveToWorkers(tx, image.id);
  });
}
