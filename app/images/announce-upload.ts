import type { Database } from '../platform/database.ts';
import type { Bucket } from '../platform/s3.ts';
import type { ImageMediaType } from './image-format.ts';
import { insertImageJobs } from './image-job-sql.ts';
import { imageKeys } from './image-keys.ts';
import { insertImages } from './image-sql.ts';

export interface AnnounceUploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  /** A presigned request is good for this long. */
  readonly uploadTtlS: number;
  /** An upload that nobody completes is forgotten after this. */
  readonly uploadKeptMs: number;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export interface Announcement {
  readonly productId: string;
  /** The admin who may complete it. */
  readonly announcedBy: string;
  readonly contentType: ImageMediaType;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
}

/**
 * Records an image that is going to be uploaded and signs the one request that may upload it: this key, type,
 * size and checksum, for `uploadTtlS`. The file goes from the client straight to S3, which is not asked here.
 */
export async function announceUpload(
  { database, bucket, uploadTtlS, uploadKeptMs, newId, nowMs }: AnnounceUploadDependencies,
  announcement: Announcement,
  method: 'post' | 'put',
) {
  const imageId = newId();
  const key = imageKeys.upload(imageId);
  const { productId, announcedBy, contentType, sizeBytes, sha256 } = announcement;
  const image = {
    id: imageId,
    productId,
    status: 'PENDING' as const,
    objectKey: key,
    contentType,
    sizeBytes,
    sha256,
    variants: [],
    createdAt: new Date(nowMs()),
  };
  await database.withTransaction({ name: 'announce_upload', rerunnable: false }, async (tx) => {
    await insertImages(tx, [image]);
    await insertImageJobs(tx, [imageId], { announcedBy, keptMs: uploadKeptMs });
  });
  const terms = {
    key,
    contentType,
    sizeBytes,
    sha256Base64: sha256.toString('base64'),
    expiresInS: uploadTtlS,
  };
  const signed = method === 'post' ? await bucket.presignPost(terms) : await bucket.presignPut(terms);
  return { imageId, expiresAt: new Date(nowMs() + uploadTtlS * 1000), ...signed };
}
