import type { Problem } from '../http/contract/problem.ts';
import type { Reply } from '../http/contract/route.ts';
import { type KeyedRequest, replyOnce } from '../idempotency/reply-once.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import type { ImageMediaType } from './image-format.ts';
import { insertImageJobs } from './image-job-sql.ts';
import { imageKeys } from './image-keys.ts';
import { insertImages } from './image-sql.ts';

export interface AnnounceUploadDependencies {
  readonly database: Database;
  readonly bucket: Bucket;
  /** How long a presigned request is valid. */
  readonly uploadTtlS: number;
  /** Uploads that are not completed are deleted after this long. */
  readonly uploadRetentionMs: number;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export interface Announcement {
  readonly productId: string;
  /** The only admin who may complete the upload. */
  readonly announcedBy: string;
  readonly contentType: ImageMediaType;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
}

export interface AnnounceUploadRequest {
  readonly announcement: Announcement;
  /** Sign a POST form or a PUT. */
  readonly method: 'post' | 'put';
  readonly keyed: KeyedRequest;
}

/**
 * Records an image and signs the only request that may upload it: this key, type, size and checksum, for
 * `uploadTtlS`. The client sends the file directly to S3; signing contacts no server. Repeating the request
 * with its idempotency key returns the same signed request, which may have expired.
 */
export async function announceUpload(
  dependencies: AnnounceUploadDependencies,
  { announcement, method, keyed }: AnnounceUploadRequest,
): Promise<Reply | Problem> {
  const { bucket, uploadTtlS, uploadRetentionMs, newId, nowMs } = dependencies;
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
  const terms = {
    key,
    contentType,
    sizeBytes,
    sha256Base64: sha256.toString('base64'),
    expiresInS: uploadTtlS,
  };
  const signed = method === 'post' ? await bucket.presignPost(terms) : await bucket.presignPut(terms);
  const body = { imageId, expiresAt: new Date(nowMs() + uploadTtlS * 1000), ...signed };
  return replyOnce(dependencies, keyed, async (tx) => {
    await insertImages(tx, [image]);
    await insertImageJobs(tx, [imageId], { announcedBy, retentionMs: uploadRetentionMs });
    return { status: 201, body };
  });
}
