import { z } from 'zod';
import { idSchema, krwSchema, timeSchema } from '../http/contract/schemas.ts';
import type { Order } from './order.ts';

export const orderReplySchema = z
  .object({
    id: idSchema,
    status: z.enum(['COMPLETED', 'CANCELLED']),
    items: z.array(
      z.object({
        productId: idSchema,
        name: z.string(),
        unitPrice: krwSchema,
        quantity: z.int(),
        stockSeq: z.int().meta({ description: "Sequence number of this change to the product's stock." }),
      }),
    ),
    subtotal: krwSchema,
    discount: krwSchema,
    total: krwSchema,
    userCouponId: idSchema.nullable(),
    balanceAfter: krwSchema,
    balanceSeq: z.int().meta({ description: "Sequence number of this change to the customer's balance." }),
    createdAt: timeSchema,
  })
  .meta({ title: 'Order' });

export function orderReply(order: Order) {
  return {
    id: order.orderId,
    status: order.status,
    items: order.items.map((item) => ({
      productId: item.productId,
      name: item.productName,
      unitPrice: item.unitPriceKrw,
      quantity: item.quantity,
      stockSeq: item.stockSeq,
    })),
    subtotal: order.subtotalKrw,
    discount: order.discountKrw,
    total: order.totalKrw,
    userCouponId: order.userCouponId ?? null,
    balanceAfter: order.balanceAfterKrw,
    balanceSeq: order.balanceSeq,
    createdAt: order.createdAt,
  };
}
