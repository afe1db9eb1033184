import type { Bucket } from '../platform/aws/s3.ts';
import type { ImageMediaType } from './image-format.ts';
import { imageKeys } from './image-keys.ts';
import type { ProductImage } from './image-sql.ts';

export interface SignUploadDependencies {
  readonly bucket: Bucket;
  /** How long a presigned request is valid. */
  readonly uploadTtlS: number;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export interface SignUploadRequest {
  readonly productId: string;
  readonly contentType: ImageMediaType;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
  /** Sign a POST form or a PUT. */
  readonly method: 'post' | 'put';
}

/** An image that is not stored yet, and the presigned request that may upload it. */
export interface SignedUpload {
  readonly image: ProductImage;
  readonly presigned: {
    readonly url: string;
    readonly fields?: Readonly<Record<string, string>>;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly expiresAt: Date;
}

/**
 * Signs the only request that may upload an image: this key, type, size and checksum, for `uploadTtlS`. The
 * client sends the file directly to S3; signing contacts no server.
 */
export async function signUpload(
  { bucket, uploadTtlS, newId, nowMs }: SignUploadDependencies,
  { productId, contentType, sizeBytes, sha256, method }: SignUploadRequest,
): Promise<SignedUpload> {
  const imageId = newId();
  const key = imageKeys.upload(imageId);
  const terms = {
    key,
    contentType,
    sizeBytes,
    sha256Base64: sha256.toString('base64'),
    expiresInS: uploadTtlS,
  };
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
  const presigned = method === 'post' ? await bucket.presignPost(terms) : await bucket.presignPut(terms);
  return { image, presigned, expiresAt: new Date(nowMs() + uploadTtlS * 1000) };
}
