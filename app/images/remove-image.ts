import type { Database } from '../platform/mysql/database.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { deleteImageJob, takeForRemoval } from './image-job-sql.ts';
import { deleteImage, lockImage, type ProductImage, setImageStatus } from './image-sql.ts';
import { removeObjects } from './remove-objects.ts';

export interface RemoveImageDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  /** A removal that has not ended after this is finished by a worker. */
  readonly leaseMs: number;
}

/**
 * Removes an image, its row and its objects. From the first commit on it is shown nowhere; when S3 or this process fails
 * after that, the same call goes on where it stopped, and if nobody makes it, a worker does. Where a worker is busy with
 * the image, the row stays until that must have ended, so that nothing which it writes meanwhile is left behind.
 *
 * `onlyIn`: leaves an image in any other status alone. Throws OperationalError.
 */
export async function removeImage(
  { database, bucket, leaseMs }: RemoveImageDependencies,
  imageId: string,
  onlyIn?: readonly ProductImage['status'][],
): Promise<'removed' | 'image_not_found'> {
  const found = await database.withTransaction({ name: 'remove_image', rerunnable: true }, async (tx) => {
    const image = await lockImage(tx, imageId);
    if (image === undefined || onlyIn?.includes(image.status) === false) return undefined;
    const isRepeated = image.status === 'REMOVED';
    const isInWork = image.status === 'PROCESSING' || isRepeated;
    await setImageStatus(tx, imageId, 'REMOVED');
    return { isBusy: await takeForRemoval(tx, imageId, { leaseMs, isInWork, isRepeated }) };
  });
  if (found === undefined) return 'image_not_found';
  await removeObjects(bucket, imageId);
  if (!found.isBusy) await forgetImage(database, imageId);
  return 'removed';
}

/** Deletes the row of an image whose objects are gone. */
export async function forgetImage(database: Database, imageId: string): Promise<void> {
  await database.withTransaction({ name: 'forget_image', rerunnable: true }, async (tx) => {
    const image = await lockImage(tx, imageId);
    if (image?.status !== 'REMOVED') return;
    await deleteImageJob(tx, imageId);
    await deleteImage(tx, imageId);
  });
}
