import { createHash } from 'node:crypto';
import { completeUpload } from '../../app/images/complete-upload.ts';
import { insertImageJobs } from '../../app/images/image-job-sql.ts';
import { imageKeys } from '../../app/images/image-keys.ts';
import { IMAGE_PIXELS_MAX } from '../../app/images/image-limits.ts';
import { insertImages, type ProductImage } from '../../app/images/image-sql.ts';
import { removeObjects } from '../../app/images/remove-objects.ts';
import type { Database, Transaction } from '../../app/platform/mysql/database.ts';
import { createImageCodec } from '../../app/images/image-codec.ts';
import type { Log } from '../../app/platform/observe/log.ts';
import { createSemaphore } from '../../app/platform/load/semaphore.ts';
import type { Bucket } from '../../app/platform/aws/s3.ts';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { forEachAtOnce } from '../for-each-at-once.ts';

const UPLOADS_AT_ONCE = 4;
const UPLOAD_TTL_S = 300;
const UPLOAD_TIMEOUT_MS = 15_000;
const CONTENT_TYPE = 'image/png';

export interface SeedPicturesDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  readonly uploadRetentionMs: number;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface Picture {
  readonly imageId: string;
  readonly productId: string;
  readonly bytes: Buffer;
}

/** Inserts the rows of pictures that will be uploaded, in the transaction that creates their products. */
export async function announcePictures(
  tx: Transaction,
  pictures: readonly Picture[],
  { uploadRetentionMs, nowMs }: Pick<SeedPicturesDependencies, 'uploadRetentionMs' | 'nowMs'>,
): Promise<void> {
  await insertImages(
    tx,
    pictures.map((picture): ProductImage => {
      const { imageId: id, productId } = picture;
      return {
        id,
        productId,
        status: 'PENDING',
        objectKey: imageKeys.upload(id),
        contentType: CONTENT_TYPE,
        ...contentOf(picture),
        variants: [],
        createdAt: new Date(nowMs()),
      };
    }),
  );
  await insertImageJobs(
    tx,
    pictures.map(({ imageId }) => imageId),
    { announcedBy: undefined, retentionMs: uploadRetentionMs },
  );
}

/**
 * Uploads the pictures with presigned requests, as a browser does, and completes the uploads. The shop's
 * workers then make the published files, as for any image.
 */
export async function uploadPictures(
  dependencies: SeedPicturesDependencies,
  pictures: readonly Picture[],
): Promise<void> {
  const { bucket } = dependencies;
  const codec = createImageCodec({ pixelsMax: IMAGE_PIXELS_MAX, blockOtherDecoders: false });
  const checking = createSemaphore({ permitsMax: UPLOADS_AT_ONCE, waitingMax: 0 });
  await forEachAtOnce(pictures, UPLOADS_AT_ONCE, async (picture) => {
    const { imageId, bytes } = picture;
    const { sha256, sizeBytes } = contentOf(picture);
    const { url, headers } = await bucket.presignPut({
      key: imageKeys.upload(imageId),
      contentType: CONTENT_TYPE,
      sizeBytes,
      sha256Base64: sha256.toString('base64'),
      expiresInS: UPLOAD_TTL_S,
    });
    const sent = await fetch(url, {
      method: 'PUT',
      headers,
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    });
    if (!sent.ok) throw new Error(`S3 answered ${sent.status} to an upload: ${await sent.text()}`);
    const completed = await completeUpload(
      { ...dependencies, codec, checking },
      { imageId, adminId: undefined },
    );
    if (completed.code !== 'completed' || completed.image.status === 'REJECTED')
      throw new Error(`the picture ${imageId} was not accepted`);
  });
}

/** Announces again each picture that has a row but no objects. */
export async function reannouncePictures(
  { database, bucket, uploadRetentionMs }: SeedPicturesDependencies,
  pictures: readonly Picture[],
): Promise<void> {
  await forEachAtOnce(pictures, UPLOADS_AT_ONCE, ({ imageId }) => removeObjects(bucket, imageId));
  await database.withTransaction({ name: 'seed_pictures_again', rerunnable: true }, async (tx) => {
    for (const picture of pictures) {
      const id = uuidBytes(picture.imageId);
      const { sizeBytes, sha256 } = contentOf(picture);
      await tx.write(
        `UPDATE product_images
         SET status = 'PENDING', object_key = ?, content_type = ?, size_bytes = ?, sha256 = ?, variants = NULL
         WHERE id = ?`,
        [imageKeys.upload(picture.imageId), CONTENT_TYPE, sizeBytes, sha256, id],
      );
      await tx.write('DELETE FROM image_jobs WHERE image_id = ?', [id]);
    }
    await insertImageJobs(
      tx,
      pictures.map(({ imageId }) => imageId),
      { announcedBy: undefined, retentionMs: uploadRetentionMs },
    );
  });
}

function contentOf({ bytes }: Picture): { sizeBytes: number; sha256: Buffer } {
  return { sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest() };
}
