import type { Read } from '../platform/mysql/database.ts';
import type { BrokenRow } from './audit-report.ts';

/** Guarantees depend on these keys: without one of them, duplicates are no longer rejected. */
const UNIQUE_KEYS: readonly (readonly [table: string, columns: string])[] = [
  ['users', 'email'],
  ['wallets', 'user_id'],
  ['wallet_entries', 'user_id,seq'],
  ['wallet_entries', 'user_id,kind,idempotency_key'],
  ['product_stock', 'product_id'],
  ['stock_entries', 'product_id,seq'],
  ['stock_entries', 'product_id,idempotency_key'],
  ['orders', 'id'],
  ['orders', 'idempotency_key,user_id'],
  ['order_items', 'order_id,line'],
  ['order_items', 'product_id,stock_seq'],
  ['user_coupons', 'coupon_id,user_id'],
  ['user_coupons', 'order_id'],
  ['idempotent_replies', 'user_id,operation,idempotency_key'],
  ['outbox', 'event_id'],
  ['processed_events', 'event_id'],
  ['product_sales_hourly', 'sales_hour,product_id'],
];

/** ER_WARN_I_S_SKIPPED_TABLE. */
const TABLE_SKIPPED = 1684;

/**
 * Unique keys that are missing. The audit does not count duplicates of keys, seqs or events: as long as the
 * index exists, the database rejects them.
 */
export async function readMissingKeys(read: Read): Promise<BrokenRow[]> {
  const rows = await read<{ table_name: string; key_columns: string }>(
    `SELECT table_name AS table_name,
       GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ',') AS key_columns
     FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0
     GROUP BY table_name, index_name`,
  );
  const present = new Set(rows.map((row) => `${row.table_name}(${row.key_columns})`));
  const missing = UNIQUE_KEYS.filter(([table, columns]) => !present.has(`${table}(${columns})`));
  if (missing.length === 0) return [];
  const isSkipped = await readSkipped(read);
  return missing
    .filter(([table]) => !isSkipped(table))
    .map(([table, columns]) => ({ id: `${table}(${columns})`, detail: 'the unique key does not exist' }));
}

/**
 * Tables that MariaDB omitted from its last result, with a warning, because they were being altered. The next
 * audit checks them.
 */
async function readSkipped(read: Read): Promise<(table: string) => boolean> {
  const warnings = await read<{ Code: number; Message: string }>('SHOW WARNINGS');
  const messages = warnings.filter(({ Code }) => Code === TABLE_SKIPPED).map(({ Message }) => Message);
  return (table) => messages.some((message) => message.includes(`'${table}'`));
}
