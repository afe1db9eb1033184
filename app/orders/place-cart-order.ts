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

/** Readings of a cart, each after an order or a charge of the same user that came in between. */
const READINGS_MAX = 5;

/** There is nothing to order, or all of it is in orders already. */
export interface CartOrderRefusal {
  readonly code: 'cart_empty';
}

/**
 * Orders what is in the user's cart and takes it out: exactly what the order has, once, and nothing that was put in
 * meanwhile. The key is looked up before the cart is read, so that a request that is sent again finds its order and not
 * a cart that has changed since, and finishes what the first one had left to do. When another order of the user is
 * committed between the look at the cart and this one's turn, the cart is read again, so that no two orders have the
 * same lines. Throws OperationalError, also when Redis does not answer; once the order is placed, nothing about the cart
 * can fail it.
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
      // The same request may have been sent twice at once, and the other one have emptied the cart since the look-up.
      return (await findEarlier(dependencies, request)) ?? { code: 'cart_empty' };
    }
    const fromCart = { walletVersion: wallet?.version ?? 0 };
    const result = await orders.submit({ ...request, lines, fromCart });
    if (result.code === 'cart_outdated' && reading < READINGS_MAX) continue;
    if (result.code !== 'placed') return result;
    if (result.order.orderId === orderId) await userCarts.takeOutNowOrLater({ orderId, userId, lines });
    else await userCarts.settleNowOrLater(userId);
    return result;
  }
}

/** What the key has led to before, with its lines out of the cart. */
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
  // The answer of then, even if the order has been cancelled since.
  return { code: 'placed', order: { ...order, status: 'COMPLETED' }, replayed: true };
}
