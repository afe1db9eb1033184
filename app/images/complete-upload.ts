import { createHash } from 'node:crypto';
import type { UploadDependencies } from './announce-upload.ts';
import { imageExtensions, imageFormatOf } from './image-format.ts';
import { findImage, lockImage, type ProductImage, setImageState } from './image-sql.ts';

/**
 * Checks that the uploaded file is what was announced (size, checksum, and magic bytes of the announced type)
 * and makes it public under an immutable key. Completing twice gives the same image. No transaction is open
 * while S3 answers.
 */
export async function completeUpload(
  { database, bucket, publicPrefix, log }: UploadDependencies,
  imageId: string,
): Promise<ProductImage | 'image_not_found' | 'upload_incomplete'> {
  const image = await findImage(database, imageId);
  if (image === undefined) return 'image_not_found';
  if (image.status === 'READY') return image;

  const head = await bucket.head(image.objectKey);
  // The size first: what is larger than announced is not read.
  if (head !== undefined && head.sizeBytes !== image.sizeBytes) return 'upload_incomplete';
  const bytes = head && (await bucket.read(image.objectKey));
  if (bytes === undefined) {
    // Not uploaded yet, or another completion has been faster and has removed the upload.
    const now = await findImage(database, imageId);
    return now?.status === 'READY' ? now : 'upload_incomplete';
  }
  const isAnnounced =
    imageFormatOf(bytes) === image.contentType &&
    createHash('sha256').update(bytes).digest().equals(image.sha256);
  if (!isAnnounced) return 'upload_incomplete';

  const extension = imageExtensions[image.contentType];
  const publicKey = `${publicPrefix}${image.id}.${extension}`;
  // What was checked is what is published: the bytes are written, not copied from a key that could change.
  await bucket.write(publicKey, bytes, image.contentType);
  const ready = await database.withTransaction({ name: 'complete_upload', rerunnable: true }, async (tx) => {
    const locked = await lockImage(tx, imageId);
    if (locked === undefined || locked.status === 'READY') return locked;
    await setImageState(tx, { id: imageId, status: 'READY', objectKey: publicKey });
    return { ...locked, status: 'READY' as const, objectKey: publicKey };
  });
  if (ready === undefined) return 'image_not_found';
  try {
    await bucket.delete(image.objectKey);
  } catch (error) {
    // The image is there; what is left under uploads/ expires after a day.
    log.warn('upload_not_removed', { imageId, error });
  }
  return ready;
}
