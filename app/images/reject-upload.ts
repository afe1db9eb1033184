import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { keepRejection } from './image-job-sql.ts';
import { imageKeys } from './image-keys.ts';
import type { ImageRejection } from './image-rejections.ts';
import { lockImage, setImageStatus } from './image-sql.ts';
import { removeObjects } from './remove-objects.ts';

export interface RejectUploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  /** The reason can be asked for this long. */
  readonly uploadKeptMs: number;
  readonly log: Log;
}

/**
 * Refuses an image that is not READY. Its upload goes first, so that a failure of S3 leaves everything else as it was; then
 * the reason is kept for those who ask, and what an earlier attempt has made of the upload goes as well.
 */
export async function rejectUpload(
  { database, bucket, uploadKeptMs, log }: RejectUploadDependencies,
  imageId: string,
  reason: ImageRejection,
): Promise<void> {
  await bucket.delete(imageKeys.upload(imageId));
  const isMine = await database.withTransaction({ name: 'reject_upload', rerunnable: true }, async (tx) => {
    const image = await lockImage(tx, imageId);
    if (image?.status !== 'PENDING' && image?.status !== 'PROCESSING') return false;
    await setImageStatus(tx, imageId, 'REJECTED');
    await keepRejection(tx, imageId, { reason, keptMs: uploadKeptMs });
    return true;
  });
  if (!isMine) return;
  log.info('image_rejected', { imageId, reason });
  // Only now: of an image that has become READY meanwhile they are what is shown. What a failure leaves goes with the row.
  await removeObjects(bucket, imageId);
}
