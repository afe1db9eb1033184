import { requestHash } from '../http/contract/request-hash.ts';
import type { OrderLine } from './evaluate-orders.ts';

/**
 * Hash of a `POST /orders` request, stored permanently with the order. Fields added in later versions enter
 * by name and only if present, so that a retry of an older order still has the same hash.
 */
export function orderRequestHash(request: {
  /** Undefined for an order from the cart, whose content is not hashed: a retry is the same request. */
  readonly items?: readonly OrderLine[] | undefined;
  readonly expectedTotal?: number | undefined;
  readonly userCouponId?: string | undefined;
}): Buffer {
  const { items, expectedTotal, userCouponId } = request;
  return requestHash(
    items === undefined ? 'cart' : items.map(({ productId, quantity }) => [productId, quantity]),
    expectedTotal ?? null,
    ...(userCouponId === undefined ? [] : [{ userCouponId }]),
  );
}
