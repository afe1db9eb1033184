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
 * size and checksum, for `uploadTtlS`. The file goes from the client straight to S3, which is not asked here. A repeated
 * request with its key gets the same signed request, which may have expired.
 */
export async function announceUpload(
  dependencies: AnnounceUploadDependencies,
  announcement: Announcement,
  { method, ...request }: KeyedRequest & { readonly method: 'post' | 'put' },
): Promise<Reply | Problem> {
  const { bucket, uploadTtlS, uploadKeptMs, newId, nowMs } = dependencies;
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
  return replyOnce(dependencies, request, async (tx) => {
    await insertImages(tx, [image]);
    await insertImageJobs(tx, [imageId], { announcedBy, keptMs: uploadKeptMs });
    return { status: 201, body };
  });
}
