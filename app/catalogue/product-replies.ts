import { imageReply } from '../images/image-reply.ts';
import { findReadyImages } from '../images/image-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import { type ProductReply, productReply } from './product-reply.ts';
import type { ProductWithStock } from './product-sql.ts';

export interface ProductRepliesDependencies {
  readonly database: Database;
  readonly imageUrl: (objectKey: string) => string;
}

/** Reply bodies of products with their images, in the given order. */
export async function productReplies(
  { database, imageUrl }: ProductRepliesDependencies,
  products: readonly ProductWithStock[],
): Promise<ProductReply[]> {
  const images = await findReadyImages(
    database,
    products.map(({ id }) => id),
  );
  return products.map((product) =>
    productReply(
      product,
      (images.get(product.id) ?? []).map((image) => imageReply(image, imageUrl)),
    ),
  );
}
