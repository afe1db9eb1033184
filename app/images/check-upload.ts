import { createHash } from 'node:crypto';
import type { ImageCodec } from './image-codec.ts';
import { foreignContent } from './foreign-content.ts';
import { imageFormatOf } from './image-format.ts';
import { IMAGE_PIXELS_MAX } from './image-limits.ts';
import type { ImageRejection } from './image-rejections.ts';
import type { ProductImage } from './image-sql.ts';

export type CheckUploadResult =
  | { readonly code: 'accepted' }
  | { readonly code: 'rejected'; readonly reason: ImageRejection };

/** Checks that a file is what was announced, an image, and nothing else. Decodes only its header. */
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
  const foreign = foreignContent(bytes, image.contentType);
  if (foreign === 'damaged') return rejected('undecodable');
  return foreign === 'another format' ? rejected('foreign_content') : { code: 'accepted' };
}

function rejected(reason: ImageRejection): CheckUploadResult {
  return { code: 'rejected', reason };
}
