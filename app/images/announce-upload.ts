import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Transaction } from '../platform/mysql/database.ts';
import { insertImageJobs } from './image-job-sql.ts';
import { insertImages, type ProductImage } from './image-sql.ts';

export interface AnnounceUploadDependencies {
  readonly tx: Transaction;
  /** Uploads that are not completed are deleted after this long. */
  readonly uploadRetentionMs: number;
}

export interface AnnounceUploadRequest {
  readonly image: ProductImage;
  /** The only admin who may complete the upload. */
  readonly announcedBy: string;
  readonly actor: Actor;
}

export interface AnnounceUploadResult {
  readonly code: 'announced';
}

/** Stores an image whose upload is expected, with the job that deletes it if the upload never completes. */
export async function announceUpload(
  { tx, uploadRetentionMs }: AnnounceUploadDependencies,
  { image, announcedBy, actor }: AnnounceUploadRequest,
): Promise<AnnounceUploadResult> {
  await insertImages(tx, [image]);
  await insertImageJobs(tx, [image.id], { announcedBy, retentionMs: uploadRetentionMs });
  const { productId, contentType, sizeBytes: size } = image;
  await recordAction(tx, actor, {
    action: 'image_announced',
    target: { kind: 'image', id: image.id },
    after: { productId, contentType, size },
  });
  return { code: 'announced' };
}
