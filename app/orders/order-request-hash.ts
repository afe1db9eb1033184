import { requestHash } from '../http/contract/request-hash.ts';
import type { OrderLine } from './evaluate-orders.ts';

/**
 * What `POST /orders` asks for, as a hash that is stored with the order for good. A field that came later is added by
 * its name and only when it is there, so that a retry of an order from before it still has that order's hash.
 */
export function orderRequestHash(request: {
  /** Undefined for what is in the cart, whatever that is: the request is the same when it is sent again. */
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
