import type { Database } from '../platform/mysql/database.ts';
import type { ImageCodec } from './image-codec.ts';
import type { Log } from '../platform/observe/log.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { checkUpload } from './check-upload.ts';
import { deleteImageJob, type ImageJob } from './image-job-sql.ts';
import { imageKeys } from './image-keys.ts';
import { IMAGE_VARIANT_SIZES_PX } from './image-limits.ts';
import type { ImageRejection } from './image-rejections.ts';
import { findImage, type ImageVariant, lockImage, type ProductImage, setImageReady } from './image-sql.ts';
import { rejectUpload, type RejectUploadDependencies } from './reject-upload.ts';
import { forgetImage } from './forget-image.ts';
import { removeObjects } from './remove-objects.ts';

export interface WorkOnImageDependencies extends RejectUploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  readonly codec: ImageCodec;
  /** Measures durations; never set back. */
  readonly steadyMs: () => number;
  readonly log: Log;
}

/** An image is rejected after this many workers have died of it or exceeded their claims. */
const ATTEMPTS_MAX = 3;

/** Renders a claimed image or finishes its removal. Safe to repeat. Throws OperationalError. */
export async function workOnImage(dependencies: WorkOnImageDependencies, job: ImageJob): Promise<void> {
  const image = await findImage(dependencies.database, job.imageId);
  if (image === undefined) return;
  switch (image.status) {
    case 'PROCESSING':
      if (job.attempts <= ATTEMPTS_MAX) await renderImage(dependencies, image);
      else await rejectUpload(dependencies, { imageId: image.id, reason: 'processing_failed' });
      // If an admin has removed the image meanwhile, this claim finishes the removal.
      return endRemoval(dependencies, image.id);
    case 'READY':
      return removeUpload(dependencies, image.id);
    case 'REMOVED':
      return endRemoval(dependencies, image.id);
    default:
      // The sweeper handles PENDING and REJECTED images.
      return;
  }
}

async function renderImage(dependencies: WorkOnImageDependencies, image: ProductImage): Promise<void> {
  const { database, bucket, codec, steadyMs, log } = dependencies;
  const startMs = steadyMs();
  const bytes = await bucket.read(imageKeys.upload(image.id), image.sizeBytes);
  const reject = (reason: ImageRejection) => rejectUpload(dependencies, { imageId: image.id, reason });
  if (bytes === undefined) return reject('upload_missing');
  // Check again: the object may have changed since the completion.
  const checked = await checkUpload({ codec }, { image, bytes });
  if (checked.code === 'rejected') return reject(checked.reason);
  const files = await codec.toWebp(bytes, IMAGE_VARIANT_SIZES_PX);
  if (files === undefined) return reject('undecodable');

  const variants: ImageVariant[] = [];
  for (const { sizePx, width, height, bytes: file } of files) {
    const key = imageKeys.variant(image.id, sizePx, file);
    await bucket.write(key, file, 'image/webp');
    variants.push({ sizePx, width, height, key });
  }
  const status = await database.withTransaction({ name: 'image_ready', rerunnable: true }, async (tx) => {
    const locked = await lockImage(tx, image.id);
    if (locked?.status === 'PROCESSING') await setImageReady(tx, image.id, variants);
    return locked?.status === 'PROCESSING' ? 'READY' : locked?.status;
  });
  if (status === 'READY') {
    log.info('image_ready', { imageId: image.id, durationMs: steadyMs() - startMs });
    await removeUpload(dependencies, image.id);
  } else {
    // The image was removed or rejected meanwhile.
    await removeObjects(bucket, image.id);
  }
}

async function endRemoval({ database, bucket }: WorkOnImageDependencies, imageId: string): Promise<void> {
  if ((await findImage(database, imageId))?.status !== 'REMOVED') return;
  await removeObjects(bucket, imageId);
  await forgetImage(database, imageId);
}

/** Deletes the upload of a READY image. A failure leaves the job, and the next claim tries again. */
async function removeUpload({ database, bucket }: WorkOnImageDependencies, imageId: string): Promise<void> {
  await bucket.delete(imageKeys.upload(imageId));
  await database.withTransaction({ name: 'image_finished', rerunnable: true }, async (tx) => {
    if ((await lockImage(tx, imageId))?.status === 'READY') await deleteImageJob(tx, imageId);
  });
}
