import type { UserCarts } from '../carts/user-carts.ts';
import type { BatchLane } from '../platform/load/batch-lane.ts';
import type { Database } from '../platform/mysql/database.ts';
import { findWallet } from '../wallet/wallet-sql.ts';
import { type OrderRequest, pairKey } from './evaluate-orders.ts';
import { findEarlierOrders, findOrder } from './order-sql.ts';
import type { PlacedOrder } from './place-orders.ts';

export interface PlaceCartOrderDependencies {
  readonly database: Database;
  readonly orders: BatchLane<OrderRequest, PlacedOrder>;
  readonly userCarts: UserCarts;
}

/** Limit on reading the cart again because another order or charge of the user was committed in between. */
const READINGS_MAX = 5;

/** The cart is empty, or orders already contain all of its lines. */
export interface CartOrderRefusal {
  readonly code: 'cart_empty';
}

/**
 * Orders the content of the user's cart. Removes exactly the units ordered, once; items added meanwhile stay.
 *
 * The key is looked up before the cart is read. A retry therefore finds its order, not a cart that has
 * changed since, and finishes the removal that the first request left undone. If another order of the user is
 * committed between reading the cart and evaluating this order, the cart is read again, so that no two orders
 * contain the same lines.
 *
 * Throws OperationalError, also if Redis does not respond. Once the order is placed, cart errors cannot fail
 * it.
 */
export async function placeCartOrder(
  dependencies: PlaceCartOrderDependencies,
  request: Omit<OrderRequest, 'lines' | 'fromCart'>,
): Promise<PlacedOrder | CartOrderRefusal> {
  const { database, orders, userCarts } = dependencies;
  const { orderId, userId } = request;
  for (let reading = 1; ; reading += 1) {
    const [earlier, wallet] = await Promise.all([
      findEarlier(dependencies, request),
      findWallet(database, userId),
    ]);
    if (earlier !== undefined) return earlier;

    const lines = await userCarts.read(userId);
    if (lines.length === 0) {
      // A concurrent copy of this request may have emptied the cart since the lookup.
      return (await findEarlier(dependencies, request)) ?? { code: 'cart_empty' };
    }
    const fromCart = { walletVersion: wallet?.version ?? 0 };
    const result = await orders.submit({ ...request, lines, fromCart });
    if (result.code === 'cart_outdated' && reading < READINGS_MAX) continue;
    if (result.code !== 'placed') return result;
    if (result.order.orderId === orderId) await userCarts.removeOrderedLines({ orderId, userId, lines });
    else await userCarts.settleNowOrLater(userId);
    return result;
  }
}

/** The earlier result of this key, after removing its lines from the cart; undefined if the key is new. */
async function findEarlier(
  { database, userCarts }: PlaceCartOrderDependencies,
  { userId, idempotencyKey, requestHash }: Omit<OrderRequest, 'lines'>,
): Promise<PlacedOrder | undefined> {
  const found = await findEarlierOrders(database, [{ userId, idempotencyKey }]);
  const earlier = found.get(pairKey(userId, idempotencyKey));
  if (earlier === undefined) return undefined;
  if (!earlier.requestHash.equals(requestHash)) return { code: 'idempotency_key_reused' };
  await userCarts.settleNowOrLater(userId);
  const order = await findOrder(database.read, earlier.orderId);
  if (order === undefined) throw new Error('an order found by its key could not be read');
  // Replay the original response even if the order was cancelled later.
  return { code: 'placed', order: { ...order, status: 'COMPLETED' }, replayed: true };
}
