import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import type { BrokenRow } from './audit-report.ts';
import type { IdRange } from './id-ranges-sql.ts';

/**
 * Orders whose amounts differ from their items, and orders without items. Reads both tables in the order of
 * their primary keys.
 */
export async function readWrongTotals(read: Read, { from, to }: IdRange): Promise<BrokenRow[]> {
  const rows = await read<{
    id: Buffer;
    subtotal: number;
    discount: number;
    total: number;
    amount: number | null;
  }>(
    `SELECT o.id, o.subtotal, o.discount, o.total, item.amount FROM orders o
     LEFT JOIN (
       SELECT order_id, SUM(quantity * unit_price) AS amount FROM order_items
       WHERE order_id > ? AND order_id <= ? GROUP BY order_id) item ON item.order_id = o.id
     WHERE o.id > ? AND o.id <= ?
       AND (item.amount IS NULL OR o.subtotal <> item.amount OR o.total <> o.subtotal - o.discount)`,
    [from, to, from, to],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    detail:
      `subtotal ${row.subtotal}, discount ${row.discount}, total ${row.total}; ` +
      `items ${row.amount ?? 'none'}`,
  }));
}

/** Orders whose payment is not at the ledger seq that they name. Uses the ledger's primary key. */
export async function readWrongPayments(read: Read, { from, to }: IdRange): Promise<BrokenRow[]> {
  const rows = await read<{
    id: Buffer;
    total: number;
    balance_seq: number;
    balance_after: number;
    kind: string | null;
    amount: number;
    entry_after: number;
    order_id: Buffer | null;
  }>(
    `SELECT o.id, o.total, o.balance_seq, o.balance_after,
       e.kind, e.amount, e.balance_after AS entry_after, e.order_id
     FROM orders o LEFT JOIN wallet_entries e ON e.user_id = o.user_id AND e.seq = o.balance_seq
     WHERE o.id > ? AND o.id <= ? AND NOT (e.kind <=> 'PAYMENT' AND e.order_id <=> o.id
       AND e.amount <=> -o.total AND e.balance_after <=> o.balance_after)`,
    [from, to],
  );
  return rows.map((row) => {
    const orderId = row.order_id === null ? 'none' : uuidText(row.order_id);
    const entry =
      row.kind === null
        ? 'no entry'
        : `${row.kind} ${row.amount} leaving ${row.entry_after}, order ${orderId}`;
    return {
      id: uuidText(row.id),
      detail:
        `paid ${row.total} at seq ${row.balance_seq} leaving ${row.balance_after}; ` +
        `the ledger has ${entry}`,
    };
  });
}
