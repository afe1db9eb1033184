import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { orderSpan } from '../order-span.ts';
import { termsWithin } from '../product-terms.ts';

/**
 * No order exceeds the purchase limit per customer that its product had then. The ledger has a customer's
 * orders and cancellations in commit order.
 */
export function limitsHold(facts: Facts): Finding[] {
  const { held, ordersById, itemsByOrder, productTerms } = facts;
  return [...held].flatMap(([userId, steps]) =>
    steps.flatMap(({ orderId, kind, before }): Finding[] => {
      const order = ordersById.get(orderId);
      if (kind !== 'PAYMENT' || order === undefined) return [];
      const span = orderSpan(facts, order);
      return (itemsByOrder.get(orderId) ?? []).flatMap(({ productId, quantity, unitPriceKrw }): Finding[] => {
        const limits = termsWithin(productTerms.get(productId), span)
          .filter(({ priceKrw }) => priceKrw === unitPriceKrw)
          .map(({ purchaseLimit }) => purchaseLimit ?? Infinity);
        const had = before.get(productId) ?? 0;
        if (limits.length === 0 || limits.some((limit) => had + quantity <= limit)) return [];
        const bought = `${had} + ${quantity} of ${productId}, limit ${Math.max(...limits)}`;
        return [{ detail: `with order ${orderId}, user ${userId} has ${bought}` }];
      });
    }),
  );
}
