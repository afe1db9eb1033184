import { z } from 'zod';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import type { ImageReply } from '../images/image-reply.ts';
import { imageReplySchema } from '../images/image-reply.ts';
import type { ProductWithStock, VersionedProduct } from './product-sql.ts';

export const productReplySchema = z
  .object({
    id: idSchema,
    name: z.string(),
    description: z.string(),
    price: krwSchema,
    stock: z.int().meta({ description: 'Units in stock when the response was created.' }),
    purchaseLimit: z.int().nullable(),
    saleFrom: timeSchema
      .nullable()
      .meta({ description: 'The first moment at which it may be ordered; null means since ever.' }),
    saleUntil: timeSchema
      .nullable()
      .meta({ description: 'The first moment at which it may no longer be ordered; null means for good.' }),
    images: z.array(imageReplySchema),
    createdAt: timeSchema,
  })
  .meta({ title: 'Product' });

export const adminProductReplySchema = productReplySchema
  .extend({
    status: z.enum(['ACTIVE', 'INACTIVE']),
    version: z
      .int()
      .meta({ description: 'Version of the product, raised by every edit. The ETag names it.' }),
    updatedAt: timeSchema,
  })
  .meta({ title: 'AdminProduct' });

export type ProductReply = Omit<
  z.infer<typeof productReplySchema>,
  'createdAt' | 'saleFrom' | 'saleUntil'
> & {
  readonly saleFrom: Date | null;
  readonly saleUntil: Date | null;
  readonly createdAt: Date;
};

export function productReply(product: ProductWithStock, images: readonly ImageReply[]): ProductReply {
  return {
    id: product.id,
    name: product.name,
    description: product.description,
    price: product.priceKrw,
    stock: product.stock,
    purchaseLimit: product.purchaseLimit ?? null,
    saleFrom: product.saleFrom ?? null,
    saleUntil: product.saleUntil ?? null,
    images: [...images],
    createdAt: product.createdAt,
  };
}

export function adminProductReply(
  product: ProductWithStock & VersionedProduct,
  images: readonly ImageReply[],
): ProductReply & Pick<VersionedProduct, 'status' | 'version' | 'updatedAt'> {
  const { status, version, updatedAt } = product;
  return { ...productReply(product, images), status, version, updatedAt };
}
