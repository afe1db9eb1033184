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
  /** Limits how many uploads are held in memory at once. */
  readonly checking: Semaphore;
}

/** Maximum wait for a permit, out of the request deadline of 8 s. */
const PERMIT_WAIT_MS = 2000;

export interface CompleteUploadRequest {
  readonly imageId: string;
  readonly adminId: string | undefined;
}

export type CompleteUploadResult =
  /** `image` is PROCESSING, READY or REJECTED. */
  | { readonly code: 'completed'; readonly image: ImageInProgress }
  | { readonly code: 'image_not_found' | 'forbidden' | 'upload_incomplete' };

/**
 * Checks that the uploaded file is what was announced and an image, and hands it to the workers. Only the
 * admin who announced it may complete it. Completing it again at any time returns the state of the image and
 * changes nothing: its status changes under the row's lock. No transaction is open while waiting for S3.
 */
export async function completeUpload(
  dependencies: CompleteUploadDependencies,
  { imageId, adminId }: CompleteUploadRequest,
): Promise<CompleteUploadResult> {
  const { database, checking } = dependencies;
  const image = await findImage(database, imageId);
  if (image === undefined || image.status === 'REMOVED') return { code: 'image_not_found' };
  if (image.announcedBy !== undefined && image.announcedBy !== adminId) return { code: 'forbidden' };
  if (image.status !== 'PENDING') return { code: 'completed', image };

  if (!(await checking.acquire(PERMIT_WAIT_MS)))
    throw new OperationalError('busy_retry', 'too many uploads are being checked');
  try {
    await checkAndPass(dependencies, image);
  } finally {
    checking.release();
  }
  // Read the outcome of this completion or of a faster one.
  const now = await findImage(database, imageId);
  if (now === undefined || now.status === 'REMOVED') return { code: 'image_not_found' };
  return now.status === 'PENDING' ? { code: 'upload_incomplete' } : { code: 'completed', image: now };
}

async function checkAndPass(dependencies: CompleteUploadDependencies, image: ImageInProgress): Promise<void> {
  const { database, bucket, codec } = dependencies;
  const key = imageKeys.upload(image.id);
  const head = await bucket.head(key);
  if (head === undefined) return;
  // Check the size first: a file larger than announced is not read.
  const imageId = image.id;
  if (head.sizeBytes !== image.sizeBytes) {
    return rejectUpload(dependencies, { imageId, reason: 'wrong_size' });
  }
  const bytes = await bucket.read(key, image.sizeBytes);
  if (bytes === undefined) return;
  const checked = await checkUpload({ codec }, { image, bytes });
  if (checked.code === 'rejected') {
    return rejectUpload(dependencies, { imageId, reason: checked.reason });
  }
  await database.withTransaction({ name: 'complete_upload', rerunnable: true }, async (tx) => {
    if ((await lockImage(tx, image.id))?.status !== 'PENDING') return;
    await setImageStatus(tx, image.id, 'PROCESSING');
    await giveToWorkers(tx, image.id);
  });
}
