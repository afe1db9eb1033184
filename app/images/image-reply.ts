import { z } from 'zod';
import { idSchema, timeSchema } from '../http/contract/schemas.ts';
import { imageRejections } from './image-rejections.ts';
import type { ImageInProgress, ProductImage } from './image-sql.ts';

const urlSchema = z.string().meta({ format: 'uri' });

const variantSchema = z.object({
  size: z.int().meta({ description: 'Longest side in pixels at most; smaller images are not enlarged.' }),
  width: z.int(),
  height: z.int(),
  url: urlSchema.meta({ description: 'WebP. It never changes and may be cached for ever.' }),
});

/** An image of a product, as everybody sees it. */
export const imageReplySchema = z.object({
  id: idSchema,
  url: urlSchema.meta({ description: 'The largest variant.' }),
  variants: z.array(variantSchema).meta({ description: 'Smallest first.' }),
});

export type ImageReply = z.infer<typeof imageReplySchema>;

/** An image in any state, as admins see it. */
export const adminImageSchema = z.object({
  id: idSchema,
  productId: idSchema,
  status: z.enum(['PENDING', 'PROCESSING', 'READY', 'REJECTED']),
  reason: z.enum(imageRejections).nullable().meta({ description: 'Why it was rejected.' }),
  url: urlSchema.nullable().meta({ description: 'The largest variant, once there is one.' }),
  variants: z.array(variantSchema),
  createdAt: timeSchema,
});

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
