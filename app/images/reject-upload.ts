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
  /** How long the reason can be read. */
  readonly uploadRetentionMs: number;
  readonly log: Log;
}

/**
 * Rejects an image that is not READY. Deletes its upload first, so that a failure of S3 leaves everything
 * else unchanged. Then stores the reason and deletes files that an earlier attempt has made from the upload.
 */
export async function rejectUpload(
  { database, bucket, uploadRetentionMs, log }: RejectUploadDependencies,
  { imageId, reason }: { readonly imageId: string; readonly reason: ImageRejection },
): Promise<void> {
  await bucket.delete(imageKeys.upload(imageId));
  const isMine = await database.withTransaction({ name: 'reject_upload', rerunnable: true }, async (tx) => {
    const image = await lockImage(tx, imageId);
    if (image?.status !== 'PENDING' && image?.status !== 'PROCESSING') return false;
    await setImageStatus(tx, imageId, 'REJECTED');
    await keepRejection(tx, imageId, { reason, retentionMs: uploadRetentionMs });
    return true;
  });
  if (!isMine) return;
  log.info('image_rejected', { imageId, reason });
  // Not before the status: if the image has become READY meanwhile, customers see these files. Objects left
  // by a failure are removed with the row.
  await removeObjects(bucket, imageId);
}
