import { z } from 'zod';
import { findProductsOnSale } from '../catalogue/product-sql.ts';
import { idSchema, krwSchema } from '../http/schemas.ts';
import type { Database } from '../platform/database.ts';
import type { CartLine } from './cart.ts';

export const cartReplySchema = z.object({
  owner: z.enum(['user', 'guest']),
  lines: z.array(
    z.object({
      productId: idSchema,
      quantity: z.int(),
      availability: z.enum(['available', 'too_few', 'not_on_sale']),
      name: z.string().nullable(),
      unitPrice: krwSchema
        .nullable()
        .meta({ description: 'Whole KRW, as of now; null when it is not on sale.' }),
      stock: z.int().meta({ description: 'Units left when the answer was made.' }),
      amount: krwSchema.meta({ description: 'Price of the line; 0 when it is not on sale.' }),
    }),
  ),
  subtotal: krwSchema,
});

/** A cart with prices and stock as they are now, so from the writer: neither is kept in it, and an order follows. */
export async function cartReply(database: Database, owner: 'user' | 'guest', lines: readonly CartLine[]) {
  const onSale = await findProductsOnSale(
    database.read,
    lines.map(({ productId }) => productId),
  );
  const products = new Map(onSale.map((product) => [product.id, product]));
  const shown = lines.map(({ productId, quantity }) => {
    const product = products.get(productId);
    const stock = product?.stock ?? 0;
    const enough = quantity <= stock ? ('available' as const) : ('too_few' as const);
    return {
      productId,
      quantity,
      availability: product === undefined ? ('not_on_sale' as const) : enough,
      name: product?.name ?? null,
      unitPrice: product?.priceKrw ?? null,
      stock,
      amount: quantity * (product?.priceKrw ?? 0),
    };
  });
  return { owner, lines: shown, subtotal: shown.reduce((sum, { amount }) => sum + amount, 0) };
}
