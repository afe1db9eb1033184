import { requestHash } from '../http/contract/request-hash.ts';
import type { OrderLine } from './evaluate-orders.ts';

/**
 * Hash of a `POST /orders` request, stored with the order for good. Fields added in later versions enter by
 * name and only if present, so that retrying an order from before them still gives that order's hash.
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
