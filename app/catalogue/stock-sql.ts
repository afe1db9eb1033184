import type { Read, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import { lockVersionedRows, updateVersionedRows } from '../audit/versioned-rows-sql.ts';
import { setInStock } from './listing-sql.ts';

export interface Stock {
  readonly productId: string;
  /** Units left, never negative. */
  readonly quantity: number;
  /** Number of changes so far, which is the seq of the latest sale or stock entry. */
  readonly version: number;
}

export interface StockEntry {
  readonly productId: string;
  readonly seq: number;
  readonly kind: 'OPENING' | 'ADJUSTMENT' | 'RESTOCK';
  /** Signed units. */
  readonly delta: number;
  readonly quantityAfter: number;
  readonly reason: string;
  readonly orderId?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly requestHash?: Buffer | undefined;
  readonly createdAt: Date;
}

const stockTable = { table: 'product_stock', key: 'product_id', value: 'quantity' };

/** Locks and reads the stock rows of these products; see `lockVersionedRows` for the guarantees. */
export async function lockStock(tx: Transaction, productIds: readonly string[]): Promise<Map<string, Stock>> {
  const rows = await lockVersionedRows(tx, stockTable, productIds);
  return new Map(rows.map(({ id, value, version }) => [id, { productId: id, quantity: value, version }]));
}

/**
 * Sets locked stock rows to their new quantity and version; see `updateVersionedRows` for the guarantees.
 * Also marks products in the listing that have just sold out or are in stock again.
 */
export async function updateStock(
  tx: Transaction,
  changes: readonly { readonly before: Stock; readonly after: Stock }[],
): Promise<void> {
  const row = ({ productId, quantity, version }: Stock) => ({ id: productId, value: quantity, version });
  const crossed = changes.filter(({ before, after }) => before.quantity > 0 !== after.quantity > 0);
  const idsWhere = (inStock: boolean) =>
    crossed.flatMap(({ after }) => (after.quantity > 0 === inStock ? after.productId : []));
  await Promise.all([
    updateVersionedRows(
      tx,
      stockTable,
      changes.map(({ before, after }) => ({ before: row(before), after: row(after) })),
    ),
    setInStock(tx, idsWhere(false), false),
    setInStock(tx, idsWhere(true), true),
  ]);
}

export async function insertStock(tx: Transaction, rows: readonly Stock[]): Promise<void> {
  await tx.write('INSERT INTO product_stock (product_id, quantity, version) VALUES ?', [
    rows.map((row) => [uuidBytes(row.productId), row.quantity, row.version]),
  ]);
}

export async function insertStockEntries(tx: Transaction, entries: readonly StockEntry[]): Promise<void> {
  await tx.write(
    `INSERT INTO stock_entries (product_id, seq, kind, delta, quantity_after, reason, order_id,
       idempotency_key, request_hash, created_at) VALUES ?`,
    [
      entries.map((entry) => [
        uuidBytes(entry.productId),
        entry.seq,
        entry.kind,
        entry.delta,
        entry.quantityAfter,
        entry.reason,
        entry.orderId === undefined ? null : uuidBytes(entry.orderId),
        entry.idempotencyKey ?? null,
        entry.requestHash ?? null,
        entry.createdAt,
      ]),
    ],
  );
}

/** The entries that put a cancelled order's units back. Uses stock_entries_order. */
export async function findRestocks(read: Read, orderId: string): Promise<StockEntry[]> {
  const rows = await read<Omit<EntryRow, 'kind' | 'order_id'> & { product_id: Buffer }>(
    `SELECT product_id, seq, delta, quantity_after, reason, created_at FROM stock_entries
     WHERE order_id = ? AND kind = 'RESTOCK' ORDER BY product_id`,
    [uuidBytes(orderId)],
  );
  return rows.map((row) => ({
    productId: uuidText(row.product_id),
    seq: row.seq,
    kind: 'RESTOCK',
    delta: row.delta,
    quantityAfter: row.quantity_after,
    reason: row.reason,
    orderId,
    createdAt: row.created_at,
  }));
}

export interface SeqRange {
  readonly beforeSeq: number;
  readonly limit: number;
}

/** Number of changes of a stock so far; undefined if there is no such product. Uses the primary key. */
export async function findStockVersion(read: Read, productId: string): Promise<number | undefined> {
  const [row] = await read<{ version: number }>('SELECT version FROM product_stock WHERE product_id = ?', [
    uuidBytes(productId),
  ]);
  return row?.version;
}

/** A product's stock entries before `beforeSeq`, newest first. Reads what it returns, by the primary key. */
export async function listStockEntries(
  read: Read,
  productId: string,
  { beforeSeq, limit }: SeqRange,
): Promise<StockEntry[]> {
  const rows = await read<EntryRow>(
    `SELECT seq, kind, delta, quantity_after, reason, order_id, created_at FROM stock_entries
     WHERE product_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    [uuidBytes(productId), beforeSeq, limit],
  );
  return rows.map((row) => ({
    productId,
    seq: row.seq,
    kind: row.kind,
    delta: row.delta,
    quantityAfter: row.quantity_after,
    reason: row.reason,
    orderId: row.order_id === null ? undefined : uuidText(row.order_id),
    createdAt: row.created_at,
  }));
}

export interface Adjustment {
  readonly delta: number;
  readonly quantityAfter: number;
  readonly stockSeq: number;
  readonly createdAt: Date;
}

interface EntryRow {
  seq: number;
  kind: StockEntry['kind'];
  delta: number;
  quantity_after: number;
  reason: string;
  order_id: Buffer | null;
  created_at: Date;
}

interface AdjustmentRow extends Pick<EntryRow, 'seq' | 'delta' | 'quantity_after' | 'created_at'> {
  request_hash: Buffer | null;
}

/** The adjustment made under this key. Uses stock_entries_idempotency. Call it under the stock row's lock. */
export async function findAdjustmentByKey(
  tx: Transaction,
  productId: string,
  idempotencyKey: string,
): Promise<(Adjustment & { readonly requestHash: Buffer | undefined }) | undefined> {
  const [row] = await tx.read<AdjustmentRow>(
    `SELECT seq, delta, quantity_after, request_hash, created_at FROM stock_entries
     WHERE product_id = ? AND idempotency_key = ?`,
    [uuidBytes(productId), idempotencyKey],
  );
  return (
    row && {
      delta: row.delta,
      quantityAfter: row.quantity_after,
      stockSeq: row.seq,
      createdAt: row.created_at,
      requestHash: row.request_hash ?? undefined,
    }
  );
}
