import type { Bucket } from '../platform/aws/s3.ts';
import { imageKeys } from './image-keys.ts';

/** Deletes the upload of an image and every file made from it. Missing objects are no failure. */
export async function removeObjects(bucket: Bucket, imageId: string): Promise<void> {
  const keys = await bucket.list(imageKeys.publicPrefix(imageId));
  await Promise.all([imageKeys.upload(imageId), ...keys].map((key) => bucket.delete(key)));
}
