import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { orLog } from '../platform/observe/or-log.ts';
import { type CartLine, userCart } from './cart.ts';
import type { CartMerges } from './cart-merges.ts';
import type { CartRemoval, CartStore } from './cart-store.ts';
import { deleteCartRemoval, listCartRemovals } from './cart-removal-sql.ts';

/** The carts of users, as orders know them. */
export interface UserCarts {
  /**
   * What is in the user's cart and not in an order: what a log-in has not finished adding to it is added, and what
   * committed orders have still to take out of it is taken out, first. Throws OperationalError when Redis or MySQL does not answer.
   */
  read(userId: string): Promise<CartLine[]>;
  /** Adds and takes out the same. Throws as `read` does. */
  settle(userId: string): Promise<void>;
  /** The same, or later when that cannot be done now. Never throws OperationalError. */
  settleNowOrLater(userId: string): Promise<void>;
  /** The same for one order whose lines are known. */
  removeOrderedLines(removal: CartRemoval): Promise<void>;
}

/**
 * An order and the lines that it takes out of the cart are written in one transaction; the lines leave Redis after it.
 * A process that dies between the two leaves them to whoever looks at the cart next, or sends the order again. Redis
 * remembers the orders that it has seen, so that nothing leaves twice, and the row goes last.
 */
export function userCarts({
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
    await carts.takeOut(removal);
    await database.withTransaction({ name: 'finish_cart_removal', rerunnable: true }, (tx) =>
      deleteCartRemoval(tx, removal.orderId),
    );
    await carts.forgetTaken(removal);
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
