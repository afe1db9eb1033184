import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { forgetImage } from './forget-image.ts';
import { claimRemoval } from './image-job-sql.ts';
import { lockImage, type ProductImage, setImageStatus } from './image-sql.ts';
import { removeObjects } from './remove-objects.ts';

export interface RemoveImageDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  /** After this long, a worker finishes a removal that has not ended. */
  readonly leaseMs: number;
}

export interface RemoveImageRequest {
  readonly imageId: string;
  /** Leave images in any other status alone. */
  readonly onlyIn?: readonly ProductImage['status'][];
  /** The admin who removes it; undefined for a worker. */
  readonly actor?: Actor;
}

export interface RemoveImageResult {
  readonly code: 'removed' | 'image_not_found';
}

/**
 * Removes an image, its row and its objects. The first commit hides it everywhere. If S3 or this process
 * fails after that, repeating the call continues; otherwise a worker does. While a worker processes the
 * image, the row stays until the worker's claim has ended, so that no object written meanwhile is left
 * behind. Throws OperationalError.
 */
export async function removeImage(
  { database, bucket, leaseMs }: RemoveImageDependencies,
  { imageId, onlyIn, actor }: RemoveImageRequest,
): Promise<RemoveImageResult> {
  const found = await database.withTransaction({ name: 'remove_image', rerunnable: true }, async (tx) => {
    const image = await lockImage(tx, imageId);
    if (image === undefined || onlyIn?.includes(image.status) === false) return undefined;
    const isRepeated = image.status === 'REMOVED';
    const isInWork = image.status === 'PROCESSING' || isRepeated;
    await setImageStatus(tx, imageId, 'REMOVED');
    if (actor !== undefined && !isRepeated) {
      await recordAction(tx, actor, {
        action: 'image_removed',
        target: { kind: 'image', id: imageId },
        before: { productId: image.productId, status: image.status },
      });
    }
    return { isBusy: await claimRemoval(tx, imageId, { leaseMs, isInWork, isRepeated }) };
  });
  if (found === undefined) return { code: 'image_not_found' };
  await removeObjects(bucket, imageId);
  if (!found.isBusy) await forgetImage(database, imageId);
  return { code: 'removed' };
}
