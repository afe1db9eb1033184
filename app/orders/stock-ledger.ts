import { findEmails } from '../accounts/user-sql.ts';
import { findStockVersion, listStockEntries, type StockEntry } from '../catalogue/stock-sql.ts';
import { findActionsOn } from '../operators/action-sql.ts';
import type { Database, Read } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { listSales, readMatchingOrders, type Sale } from './admin-order-sql.ts';
import { CANCELLED_BY_ADMIN } from './cancel-order.ts';

/** One change of a product's stock. */
export interface StockChange extends Pick<StockEntry, 'seq' | 'delta' | 'quantityAfter' | 'orderId'> {
  readonly kind: StockEntry['kind'] | 'SALE';
  /** What an admin gave as the reason. */
  readonly reason: string | undefined;
  /** Undefined only for a sale whose order is missing, which the audit reports. */
  readonly createdAt: Date | undefined;
  /** Undefined if nothing records who it was, or if the product was adjusted 1,000 times since. */
  readonly by:
    | { readonly role: 'customer' | 'admin'; readonly id: string; readonly email: string }
    | undefined;
}

type Change = Omit<StockChange, 'by'> & { readonly isByAdmin: boolean };

/**
 * A product's stock as one chain of changes before `beforeSeq`, newest first: sales, and whatever is not a
 * sale. Undefined if there is no such product. The chain has no gap: the version is read first, and every
 * change up to it was committed by then.
 */
export async function readStockLedger(
  { read }: Pick<Database, 'read'>,
  productId: string,
  {
    beforeSeq = Number.MAX_SAFE_INTEGER,
    limit,
  }: { readonly beforeSeq?: number | undefined; readonly limit: number },
): Promise<StockChange[] | undefined> {
  const version = await findStockVersion(read, productId);
  if (version === undefined) return undefined;
  const range = { beforeSeq: Math.min(beforeSeq, version + 1), limit };
  const [sales, entries] = await Promise.all([
    listSales(read, productId, range),
    listStockEntries(read, productId, range),
  ]);
  const changes = [...sales.map(sold), ...entries.map(entered)]
    .toSorted((one, other) => other.seq - one.seq)
    .slice(0, limit);
  return withActors(read, productId, changes);
}

function sold({ orderId, quantity, stockAfter, stockSeq }: Sale): Change {
  return {
    seq: stockSeq,
    kind: 'SALE',
    delta: -quantity,
    quantityAfter: stockAfter,
    orderId,
    reason: undefined,
    createdAt: undefined,
    isByAdmin: false,
  };
}

/** The reason of a restock also says whether an admin cancelled the order. */
function entered({ reason, ...entry }: StockEntry): Change {
  switch (entry.kind) {
    case 'OPENING':
      return { ...entry, reason: undefined, isByAdmin: true };
    case 'ADJUSTMENT':
      return { ...entry, reason, isByAdmin: true };
    case 'RESTOCK': {
      const isByAdmin = reason.startsWith(CANCELLED_BY_ADMIN);
      return { ...entry, reason: isByAdmin ? reason.slice(CANCELLED_BY_ADMIN.length) : undefined, isByAdmin };
    }
  }
}

async function readOrders(
  read: Read,
  changes: readonly { readonly orderId?: string | undefined }[],
): Promise<Map<string, { userId: string; createdAt: Date }>> {
  const ids = new Set(changes.flatMap(({ orderId }) => orderId ?? []));
  const rows = await readMatchingOrders(read, [...ids].map(uuidBytes), {});
  return new Map(
    rows.map((row) => [uuidText(row.id), { userId: uuidText(row.user_id), createdAt: row.created_at }]),
  );
}

/** Customers and times of sales are those of the orders, admins those of the trail. */
async function withActors(read: Read, productId: string, changes: readonly Change[]): Promise<StockChange[]> {
  const orders = await readOrders(read, changes);
  const ofAdmins = changes.filter(({ isByAdmin }) => isByAdmin);
  const has = (kind: Change['kind']) => ofAdmins.some((change) => change.kind === kind);
  // An order is cancelled once and a product created once. Of a product's adjustments the newest are read.
  const actions = await Promise.all([
    findActionsOn(read, has('OPENING') ? [productId] : [], 'product_created'),
    findActionsOn(read, has('ADJUSTMENT') ? [productId] : [], 'stock_adjusted'),
    findActionsOn(read, [...new Set(ofAdmins.flatMap(({ orderId }) => orderId ?? []))], 'order_cancelled'),
  ]);
  const admins = new Map(
    actions.flat().map(({ action, target, after, actor }) => {
      const seq = action === 'stock_adjusted' ? (after as { stockSeq?: number }).stockSeq : undefined;
      return [`${action} ${target.id} ${seq}`, actor.adminId];
    }),
  );
  const actorOf = ({ kind, seq, orderId, isByAdmin }: Change): string | undefined => {
    if (!isByAdmin) return orders.get(orderId ?? '')?.userId;
    if (kind === 'OPENING') return admins.get(`product_created ${productId} undefined`);
    return kind === 'RESTOCK'
      ? admins.get(`order_cancelled ${orderId} undefined`)
      : admins.get(`stock_adjusted ${productId} ${seq}`);
  };
  const emails = await findEmails(
    read,
    changes.flatMap((change) => actorOf(change) ?? []),
  );
  return changes.map(({ isByAdmin, ...change }) => {
    const id = actorOf({ isByAdmin, ...change });
    const role = isByAdmin ? ('admin' as const) : ('customer' as const);
    const createdAt = change.createdAt ?? orders.get(change.orderId ?? '')?.createdAt;
    return {
      ...change,
      createdAt,
      by: id === undefined ? undefined : { role, id, email: emails.get(id) ?? '' },
    };
  });
}
