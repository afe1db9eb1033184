import { requestHash } from '../http/request-hash.ts';
import type { OrderLine } from './evaluate-orders.ts';

/**
 * What `POST /orders` asks for, as a hash that is stored with the order for good. A field that came later is added by
 * its name and only when it is there, so that a retry of an order from before it still has that order's hash.
 */
export function orderRequestHash(request: {
  readonly items: readonly OrderLine[];
  readonly expectedTotal?: number | undefined;
  readonly userCouponId?: string | undefined;
}): Buffer {
  const { items, expectedTotal, userCouponId } = request;
  return requestHash(
    items.map(({ productId, quantity }) => [productId, quantity]),
    expectedTotal ?? null,
    ...(userCouponId === undefined ? [] : [{ userCouponId }]),
  );
}
