import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import { type ChainPart, inPart, type LinkChecks } from './audit-chains.ts';
import type { BrokenRow, Findings } from './audit-report.ts';
import { type OrderedLink, strayLink } from './chain-sql.ts';

/** Further checks on the ledger entries of some wallets. */
export function walletLinkChecks(findings: Findings): LinkChecks {
  return async (read, part) =>
    findings.add('entry_order', await readStrayEntries(read, part)) +
    findings.add('order_refund', await readWrongRefunds(read, part));
}

/**
 * Entries whose order does not exist, belongs to another user, or has its payment elsewhere in the ledger.
 * Together with the check that an order's payment is at its seq, this proves exactly one payment per order.
 * Lookups by the orders' primary key.
 */
async function readStrayEntries(read: Read, part: ChainPart): Promise<BrokenRow[]> {
  const entries = inPart(part, 'e', 'user_id', 'seq');
  const rows = await read<OrderedLink>(
    `SELECT e.user_id AS id, e.seq, e.kind, e.order_id
     FROM wallet_entries e FORCE INDEX (PRIMARY) LEFT JOIN orders o ON o.id = e.order_id
     WHERE ${entries.sql} AND CASE e.kind
       WHEN 'PAYMENT' THEN o.id IS NULL OR o.user_id <> e.user_id OR o.balance_seq <> e.seq
       WHEN 'REFUND' THEN o.id IS NULL OR o.user_id <> e.user_id
       ELSE e.order_id IS NOT NULL END`,
    [...entries.values],
  );
  return rows.map(strayLink);
}

/**
 * Orders paid or refunded in this part whose refunds do not match their status. Refunds are added up once per
 * part: no index leads from an order to them.
 */
async function readWrongRefunds(read: Read, part: ChainPart): Promise<BrokenRow[]> {
  const entries = inPart(part, 'e', 'user_id', 'seq');
  const rows = await read<{
    id: Buffer;
    status: string;
    total: number;
    entries: number;
    amount: number;
  }>(
    `SELECT o.id, o.status, o.total, COALESCE(r.entries, 0) AS entries, COALESCE(r.amount, 0) AS amount
     FROM (
       SELECT DISTINCT e.user_id, e.order_id FROM wallet_entries e FORCE INDEX (PRIMARY)
       WHERE e.kind IN ('PAYMENT', 'REFUND') AND ${entries.sql}) paid
     JOIN orders o ON o.id = paid.order_id AND o.user_id = paid.user_id
     LEFT JOIN (
       SELECT user_id, order_id, COUNT(*) AS entries, SUM(amount) AS amount FROM wallet_entries
       WHERE user_id IN (?) AND kind = 'REFUND' GROUP BY user_id, order_id) r
       ON r.order_id = paid.order_id AND r.user_id = paid.user_id
     WHERE COALESCE(r.entries, 0) <> (o.status = 'CANCELLED')
       OR COALESCE(r.amount, 0) <> CASE o.status WHEN 'CANCELLED' THEN o.total ELSE 0 END`,
    [...entries.values, part.ids],
  );
  return rows.map((row) => ({
    id: uuidText(row.id),
    detail: `${row.status}, total ${row.total}; ${row.entries} refunds of ${row.amount}`,
  }));
}
