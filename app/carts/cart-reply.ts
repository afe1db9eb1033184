import { z } from 'zod';
import { findProducts } from '../catalogue/product-sql.ts';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import { decideLine } from '../orders/decide-line.ts';
import { pairKey } from '../orders/evaluate-orders.ts';
import { readUnitsHeld } from '../orders/order-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { CartLine } from './cart.ts';

/** `not_open`: outside the time of its sale. `not_on_sale`: it may never be ordered as it is. */
const cartAvailabilities = ['available', 'too_few', 'over_limit', 'not_open', 'not_on_sale'] as const;

export const cartReplySchema = z
  .object({
    owner: z.enum(['user', 'guest']),
    lines: z.array(
      z.object({
        productId: idSchema,
        quantity: z.int(),
        availability: z.enum(cartAvailabilities).meta({
          description: 'Says whether an order of this line would be accepted now, and if not, why.',
        }),
        name: z.string().nullable(),
        unitPrice: krwSchema
          .nullable()
          .meta({ description: 'Current price in whole KRW; null if the product is not on sale.' }),
        saleFrom: timeSchema.nullable(),
        saleUntil: timeSchema.nullable(),
        stock: z.int().meta({ description: 'Units in stock when the response was created.' }),
        purchaseLimit: z.int().nullable().meta({ description: 'Units that one customer may buy in total.' }),
        limitLeft: z
          .int()
          .nullable()
          .meta({
            description:
              'Units that this customer may still buy: the limit minus units in orders that are not ' +
              'cancelled. For a guest, the whole limit.',
          }),
        amount: krwSchema.meta({ description: 'Price of the line in whole KRW; 0 if not on sale.' }),
      }),
    ),
    subtotal: krwSchema,
  })
  .meta({ title: 'Cart' });

/**
 * A cart with current prices, stock and limits. Reads from the writer, because an order follows. `userId` is
 * undefined for a guest, whose earlier orders are unknown.
 */
export async function cartReply(database: Database, userId: string | undefined, lines: readonly CartLine[]) {
  const found = await findProducts(
    database.read,
    lines.map(({ productId }) => productId),
  );
  const products = new Map(found.map((product) => [product.id, product]));
  const limited = found.filter(({ purchaseLimit }) => purchaseLimit !== undefined);
  const unitsHeld =
    userId === undefined
      ? new Map<string, number>()
      : await readUnitsHeld(
          database.read,
          limited.map(({ id: productId }) => ({ userId, productId })),
        );
  const at = new Date(database.nowMs());
  const shown = lines.map(({ productId, quantity }) => {
    const product = products.get(productId);
    const held = userId === undefined ? 0 : (unitsHeld.get(pairKey(userId, productId)) ?? 0);
    const { code } = decideLine({ product, available: product?.stock, held, at }, quantity);
    const availability = availabilities[code];
    const onSale = availability === 'not_on_sale' ? undefined : product;
    const limit = onSale?.purchaseLimit;
    return {
      productId,
      quantity,
      availability,
      name: onSale?.name ?? null,
      unitPrice: onSale?.priceKrw ?? null,
      saleFrom: onSale?.saleFrom ?? null,
      saleUntil: onSale?.saleUntil ?? null,
      stock: onSale?.stock ?? 0,
      purchaseLimit: limit ?? null,
      limitLeft: limit === undefined ? null : Math.max(0, limit - held),
      amount: quantity * (onSale?.priceKrw ?? 0),
    };
  });
  return {
    owner: userId === undefined ? ('guest' as const) : ('user' as const),
    lines: shown,
    subtotal: shown.reduce((sum, { amount }) => sum + amount, 0),
  };
}

const availabilities = {
  orderable: 'available',
  product_not_found: 'not_on_sale',
  sale_not_open: 'not_open',
  purchase_limit_exceeded: 'over_limit',
  out_of_stock: 'too_few',
} as const;
