import { z } from 'zod';
import { idSchema, timeSchema } from '../http/contract/schemas.ts';
import { imageRejections } from './image-rejections.ts';
import type { ImageInProgress, ProductImage } from './image-sql.ts';

const urlSchema = z.string().meta({ format: 'uri' });

const variantSchema = z
  .object({
    size: z.int().meta({ description: 'Maximum side in pixels. Smaller images are not enlarged.' }),
    width: z.int(),
    height: z.int(),
    url: urlSchema.meta({ description: 'A WebP file that never changes and may be cached forever.' }),
  })
  .meta({ title: 'ImageVariant' });

/** A product image in public replies. */
export const imageReplySchema = z
  .object({
    id: idSchema,
    url: urlSchema.meta({ description: 'The largest variant.' }),
    variants: z.array(variantSchema).meta({ description: 'Smallest first.' }),
  })
  .meta({ title: 'Image' });

export type ImageReply = z.infer<typeof imageReplySchema>;

/** An image in any state, for admins. */
export const adminImageSchema = z
  .object({
    id: idSchema,
    productId: idSchema,
    status: z.enum(['PENDING', 'PROCESSING', 'READY', 'REJECTED']),
    reason: z.enum(imageRejections).nullable().meta({ description: 'Reason for the rejection.' }),
    url: urlSchema.nullable().meta({ description: 'The largest variant; null until the image is READY.' }),
    variants: z.array(variantSchema),
    createdAt: timeSchema,
  })
  .meta({ title: 'AdminImage' });

export function imageReply(image: ProductImage, imageUrl: (objectKey: string) => string): ImageReply {
  const { id, objectKey, variants } = image;
  return {
    id,
    url: imageUrl(objectKey),
    variants: variants
      .map(({ sizePx, width, height, key }) => ({ size: sizePx, width, height, url: imageUrl(key) }))
      .toReversed(),
  };
}

export function adminImage(image: ImageInProgress, imageUrl: (objectKey: string) => string) {
  const { id, productId, status, rejectedFor, createdAt } = image;
  const shown = status === 'READY' ? imageReply(image, imageUrl) : { url: null, variants: [] };
  return { ...shown, id, productId, status, reason: rejectedFor ?? null, createdAt };
}
