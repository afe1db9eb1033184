import type { Database } from '../platform/mysql/database.ts';
import type { ImageCodec } from './image-codec.ts';
import type { Log } from '../platform/observe/log.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { checkUpload } from './check-upload.ts';
import { deleteImageJob, type ImageJob } from './image-job-sql.ts';
import { imageKeys } from './image-keys.ts';
import { IMAGE_VARIANT_SIZES_PX } from './image-limits.ts';
import { findImage, type ImageVariant, lockImage, type ProductImage, setImageReady } from './image-sql.ts';
import { rejectUpload, type RejectUploadDependencies } from './reject-upload.ts';
import { forgetImage } from './remove-image.ts';
import { removeObjects } from './remove-objects.ts';

export interface WorkOnImageDependencies extends RejectUploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  readonly codec: ImageCodec;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** An image that has ended so many workers, or outlasted their claims, is refused. */
const ATTEMPTS_MAX = 3;

/** What is left to do for an image: a claimed job, done once or, after a failure, again. Throws OperationalError. */
export async function workOnImage(dependencies: WorkOnImageDependencies, job: ImageJob): Promise<void> {
  const image = await findImage(dependencies.database, job.imageId);
  if (image === undefined) return;
  switch (image.status) {
    case 'PROCESSING':
      if (job.attempts > ATTEMPTS_MAX) await rejectUpload(dependencies, image.id, 'processing_failed');
      else await renderImage(dependencies, image);
      // Whoever has removed it meanwhile has left the rest to this claim.
      return endRemoval(dependencies, image.id);
    case 'READY':
      return removeUpload(dependencies, image.id);
    case 'REMOVED':
      return endRemoval(dependencies, image.id);
    default:
      // PENDING and REJECTED are the sweeper's.
      return;
  }
}

async function renderImage(dependencies: WorkOnImageDependencies, image: ProductImage): Promise<void> {
  const { database, bucket, codec, nowMs, log } = dependencies;
  const startMs = nowMs();
  const bytes = await bucket.read(imageKeys.upload(image.id), image.sizeBytes);
  if (bytes === undefined) return rejectUpload(dependencies, image.id, 'upload_missing');
  // Once more: what was checked at the completion need not be what is there now.
  const reason = await checkUpload(codec, image, bytes);
  if (reason !== undefined) return rejectUpload(dependencies, image.id, reason);
  const files = await codec.toWebp(bytes, IMAGE_VARIANT_SIZES_PX);
  if (files === undefined) return rejectUpload(dependencies, image.id, 'undecodable');

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
    log.info('image_ready', { imageId: image.id, durationMs: nowMs() - startMs });
    await removeUpload(dependencies, image.id);
  } else {
    // Removed, or refused, in the meantime.
    await removeObjects(bucket, image.id);
  }
}

async function endRemoval({ database, bucket }: WorkOnImageDependencies, imageId: string): Promise<void> {
  if ((await findImage(database, imageId))?.status !== 'REMOVED') return;
  await removeObjects(bucket, imageId);
  await forgetImage(database, imageId);
}

/** The image is shown by now. A failure leaves the job, and the next claim comes here again. */
async function removeUpload({ database, bucket }: WorkOnImageDependencies, imageId: string): Promise<void> {
  await bucket.delete(imageKeys.upload(imageId));
  await database.withTransaction({ name: 'image_finished', rerunnable: true }, async (tx) => {
    if ((await lockImage(tx, imageId))?.status === 'READY') await deleteImageJob(tx, imageId);
  });
}
