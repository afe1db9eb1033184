import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import { type ChainPart, inPart, type LinkChecks } from './audit-chains.ts';
import type { BrokenRow, Findings } from './audit-report.ts';
import { type OrderedLink, strayLink } from './chain-sql.ts';

/** Further checks on the sales and stock entries of some products. */
export function stockLinkChecks(findings: Findings): LinkChecks {
  return async (read, part) =>
    findings.add('stock_order', await readStrayChanges(read, part)) +
    findings.add('order_restock', await readWrongRestocks(read, part));
}

/** Sales and entries whose order does not exist or has no such item. Lookups by the orders' primary keys. */
async function readStrayChanges(read: Read, part: ChainPart): Promise<BrokenRow[]> {
  const sales = inPart(part, 'i', 'product_id', 'stock_seq');
  const entries = inPart(part, 'e', 'product_id', 'seq');
  const rows = await read<OrderedLink>(
    `SELECT i.product_id AS id, i.stock_seq AS seq, 'sale' AS kind, i.order_id
     FROM order_items i FORCE INDEX (order_items_stock_seq) LEFT JOIN orders o ON o.id = i.order_id
     WHERE ${sales.sql} AND o.id IS NULL
     UNION ALL
     SELECT e.product_id, e.seq, e.kind, e.order_id
     FROM stock_entries e FORCE INDEX (PRIMARY)
     LEFT JOIN order_items i ON i.order_id = e.order_id AND i.product_id = e.product_id
     LEFT JOIN orders o ON o.id = e.order_id
     WHERE ${entries.sql} AND
       CASE e.kind WHEN 'RESTOCK' THEN i.order_id IS NULL OR o.id IS NULL
         ELSE e.order_id IS NOT NULL END`,
    [...sales.values, ...entries.values],
  );
  return rows.map(strayLink);
}

/**
 * Items sold or restocked in this part whose restocks do not match the order's status. Restocks are added up
 * once per part: no index leads from an order to them.
 */
async function readWrongRestocks(read: Read, part: ChainPart): Promise<BrokenRow[]> {
  const sales = inPart(part, 'i', 'product_id', 'stock_seq');
  const entries = inPart(part, 'e', 'product_id', 'seq');
  const rows = await read<{
    id: Buffer;
    product_id: Buffer;
    status: string;
    quantity: number;
    entries: number;
    units: number;
  }>(
    `SELECT o.id, item.product_id, o.status, item.quantity, COALESCE(r.entries, 0) AS entries,
       COALESCE(r.units, 0) AS units
     FROM (
       SELECT i.order_id, i.product_id, i.quantity
       FROM order_items i FORCE INDEX (order_items_stock_seq) WHERE ${sales.sql}
       UNION
       SELECT i.order_id, i.product_id, i.quantity FROM stock_entries e FORCE INDEX (PRIMARY)
       JOIN order_items i ON i.order_id = e.order_id AND i.product_id = e.product_id
       WHERE e.kind = 'RESTOCK' AND ${entries.sql}) item
     JOIN orders o ON o.id = item.order_id
     LEFT JOIN (
       SELECT product_id, order_id, COUNT(*) AS entries, SUM(delta) AS units FROM stock_entries
       WHERE product_id IN (?) AND kind = 'RESTOCK' GROUP BY product_id, order_id) r
       ON r.order_id = item.order_id AND r.product_id = item.product_id
     WHERE COALESCE(r.entries, 0) <> (o.status = 'CANCELLED')
       OR COALESCE(r.units, 0) <> CASE o.status WHEN 'CANCELLED' THEN item.quantity ELSE 0 END`,
    [...sales.values, ...entries.values, part.ids],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    detail:
      `${row.status}, ${row.quantity} of product ${uuidText(row.product_id)}; ` +
      `${row.entries} restocks of ${row.units} units`,
  }));
}
