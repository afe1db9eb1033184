import { findUserById, type User } from '../accounts/user-sql.ts';
import { listUserCoupons, type ListedUserCoupon } from '../coupons/user-coupon-sql.ts';
import { listPage } from '../http/contract/list-page.ts';
import type { AdminOrder } from '../orders/admin-order-sql.ts';
import { searchOrders } from '../orders/search-orders.ts';
import type { Database } from '../platform/mysql/database.ts';
import { findWallet, listWalletEntries, type Wallet, type WalletEntry } from '../wallet/wallet-sql.ts';
import { PAGE_LIMIT_DEFAULT } from '../http/contract/schemas.ts';
import { encodeCursor } from '../http/contract/page-cursor.ts';

export type LedgerEntry = Omit<WalletEntry, 'idempotencyKey' | 'requestHash'>;

export interface Page<Row> {
  readonly page: readonly Row[];
  readonly nextCursor: string | null;
}

export interface CustomerFile {
  readonly user: User;
  readonly wallet: Wallet | undefined;
  readonly entries: Page<LedgerEntry>;
  readonly coupons: Page<ListedUserCoupon>;
  readonly orders: Page<AdminOrder>;
}

/** A customer with the first page of everything that they have. Undefined if there is no such account. */
export async function readCustomer(database: Database, userId: string): Promise<CustomerFile | undefined> {
  const user = await findUserById(database, userId);
  if (user === undefined) return undefined;
  const first = { userId, cursor: undefined, limit: undefined };
  const [wallet, entries, coupons, found] = await Promise.all([
    findWallet(database, userId),
    pageOfEntries(database, first),
    pageOfCoupons(database, first),
    searchOrders({ database }, { email: user.email, beforeId: undefined, limit: PAGE_LIMIT_DEFAULT }),
  ]);
  const nextCursor = found.nextBeforeId === undefined ? null : encodeCursor([found.nextBeforeId]);
  return { user, wallet, entries, coupons, orders: { page: found.orders, nextCursor } };
}

export function pageOfEntries(
  database: Database,
  { userId, cursor, limit }: { userId: string; cursor: number | undefined; limit: number | undefined },
): Promise<Page<LedgerEntry>> {
  const beforeSeq = cursor ?? Number.MAX_SAFE_INTEGER;
  return listPage({
    limit,
    read: (rowsMax) => listWalletEntries(database, { userId, beforeSeq, limit: rowsMax }),
    keyOf: ({ seq }) => seq,
  });
}

export function pageOfCoupons(
  database: Database,
  { userId, cursor, limit }: { userId: string; cursor: string | undefined; limit: number | undefined },
): Promise<Page<ListedUserCoupon>> {
  return listPage({
    limit,
    read: (rowsMax) => listUserCoupons(database, { userId, beforeId: cursor, limit: rowsMax }),
    keyOf: ({ userCouponId }) => userCouponId,
  });
}
