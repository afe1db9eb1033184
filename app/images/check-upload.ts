import { createHash } from 'node:crypto';
import type { ImageCodec } from './image-codec.ts';
import { imageFormatOf } from './image-format.ts';
import { IMAGE_PIXELS_MAX } from './image-limits.ts';
import type { ImageRejection } from './image-rejections.ts';
import type { ProductImage } from './image-sql.ts';

export type CheckUploadResult =
  | { readonly code: 'accepted' }
  | { readonly code: 'rejected'; readonly reason: ImageRejection };

/**
 * Checks that a file is what was announced, and an image by its first bytes and its header. Decodes only the
 * header. What else the file contains does not matter: the shop publishes only re-encoded pixels.
 */
export async function checkUpload(
  { codec }: { readonly codec: ImageCodec },
  {
    image,
    bytes,
  }: {
    readonly image: Pick<ProductImage, 'contentType' | 'sizeBytes' | 'sha256'>;
    readonly bytes: Buffer;
  },
): Promise<CheckUploadResult> {
  if (bytes.length !== image.sizeBytes) return rejected('wrong_size');
  if (!createHash('sha256').update(bytes).digest().equals(image.sha256)) return rejected('wrong_checksum');
  if (imageFormatOf(bytes) !== image.contentType) return rejected('wrong_type');
  const header = await codec.readHeader(bytes);
  if (header === undefined) return rejected('undecodable');
  if (header.mediaType !== image.contentType) return rejected('wrong_type');
  if (header.width * header.height > IMAGE_PIXELS_MAX) return rejected('too_many_pixels');
  return { code: 'accepted' };
}

function rejected(reason: ImageRejection): CheckUploadResult {
  return { code: 'rejected', reason };
}
