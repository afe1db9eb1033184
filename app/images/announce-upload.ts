import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import type { Bucket } from '../platform/s3.ts';
import type { ImageMediaType } from './image-format.ts';
import { insertImages } from './image-sql.ts';

/** A presigned request is good for this long. */
const UPLOAD_TTL_S = 300;

export interface UploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  /** Prefix of keys that presigned requests write to. */
  readonly uploadsPrefix: string;
  /** Prefix of public keys. */
  readonly publicPrefix: string;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface Announcement {
  readonly productId: string;
  readonly contentType: ImageMediaType;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
}

/**
 * Records an image that is going to be uploaded and signs the one request that may upload it: this key, type,
 * size and checksum, for five minutes. The file goes from the client straight to S3.
 */
export async function announceUpload(
  { database, bucket, uploadsPrefix, newId, nowMs }: UploadDependencies,
  announcement: Announcement,
  method: 'post' | 'put',
) {
  const imageId = newId();
  const key = `${uploadsPrefix}${imageId}`;
  const { productId, contentType, sizeBytes, sha256 } = announcement;
  await database.withTransaction({ name: 'announce_upload', rerunnable: false }, (tx) =>
    insertImages(tx, [
      {
        id: imageId,
        productId,
        status: 'PENDING',
        objectKey: key,
        contentType,
        sizeBytes,
        sha256,
        createdAt: new Date(nowMs()),
      },
    ]),
  );
  const terms = {
    key,
    contentType,
    sizeBytes,
    sha256Base64: sha256.toString('base64'),
    expiresInS: UPLOAD_TTL_S,
  };
  const signed = method === 'post' ? await bucket.presignPost(terms) : await bucket.presignPut(terms);
  return { imageId, expiresAt: new Date(nowMs() + UPLOAD_TTL_S * 1000), ...signed };
}
