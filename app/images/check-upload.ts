import { createHash } from 'node:crypto';
import type { ImageCodec } from './image-codec.ts';
import { foreignContent } from './foreign-content.ts';
import { imageFormatOf } from './image-format.ts';
import { IMAGE_PIXELS_MAX } from './image-limits.ts';
import type { ImageRejection } from './image-rejections.ts';
import type { ProductImage } from './image-sql.ts';

/** The reason to refuse an uploaded file, or undefined: is it what was announced, an image, and nothing else? Decodes only its header. */
export async function checkUpload(
  codec: ImageCodec,
  image: Pick<ProductImage, 'contentType' | 'sizeBytes' | 'sha256'>,
  bytes: Buffer,
): Promise<ImageRejection | undefined> {
  if (bytes.length !== image.sizeBytes) return 'wrong_size';
  if (!createHash('sha256').update(bytes).digest().equals(image.sha256)) return 'wrong_checksum';
  if (imageFormatOf(bytes) !== image.contentType) return 'wrong_type';
  const header = await codec.readHeader(bytes);
  if (header === undefined) return 'undecodable';
  if (header.mediaType !== image.contentType) return 'wrong_type';
  if (header.width * header.height > IMAGE_PIXELS_MAX) return 'too_many_pixels';
  const foreign = foreignContent(bytes, image.contentType);
  if (foreign === 'damaged') return 'undecodable';
  return foreign === 'another format' ? 'foreign_content' : undefined;
}
