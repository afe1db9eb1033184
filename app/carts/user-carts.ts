import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import { type CartLine, userCart } from './cart.ts';
import type { CartMerges } from './cart-merges.ts';
import type { CartRemoval, CartStore } from './cart-store.ts';
import { deleteCartRemoval, listCartRemovals } from './cart-removal-sql.ts';

/** Users' carts, without lines that are already ordered. */
export interface UserCarts {
  /** Settles the cart, then returns its lines. Throws OperationalError if Redis or MySQL does not respond. */
  read(userId: string): Promise<CartLine[]>;
  /** Finishes merges that a log-in started and removes lines of committed orders. Throws as `read` does. */
  settle(userId: string): Promise<void>;
  /** Settles the cart. If that fails now, a later call does it. Never throws OperationalError. */
  settleNowOrLater(userId: string): Promise<void>;
  /** Removes the lines of one order, or leaves them to a later `settle`. Never throws OperationalError. */
  removeOrderedLines(removal: CartRemoval): Promise<void>;
}

/**
 * One transaction writes an order and the lines to remove; the lines leave Redis afterwards. If the process
 * dies in between, the next request that reads the cart or repeats the order removes them. Redis remembers
 * finished orders, so that no line is removed twice; the row is deleted last.
 */
export function createUserCarts({
  database,
  carts,
  merges,
  log,
}: {
  readonly database: Database;
  readonly carts: CartStore;
  readonly merges: CartMerges;
  readonly log: Log;
}): UserCarts {
  const finish = async (removal: CartRemoval): Promise<void> => {
    await carts.removeOrdered(removal);
    await database.withTransaction({ name: 'finish_cart_removal', rerunnable: true }, (tx) =>
      deleteCartRemoval(tx, removal.orderId),
    );
    await carts.forgetRemoval(removal);
  };
  const settle = async (userId: string): Promise<void> => {
    await merges.finishMerges(userId);
    for (const removal of await listCartRemovals(database, userId)) await finish(removal);
  };

  const orLater = (userId: string, work: () => Promise<void>): Promise<void> =>
    orLog(work, { log, event: 'cart_removal_postponed', fields: { userId } });

  return {
    read: async (userId) => {
      await settle(userId);
      return carts.read(userCart(userId));
    },
    settle,
    settleNowOrLater: (userId) => orLater(userId, () => settle(userId)),
    removeOrderedLines: (removal) => orLater(removal.userId, () => finish(removal)),
  };
}
