import type { TestDatabase } from './database.ts';

/**
 * What in the database contradicts the promises of the shop, one line a row; empty when everything adds up.
 * Each query looks at stored rows only, never at what a client was told.
 */
export async function ledgerFaults(database: TestDatabase): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, sql] of Object.entries(queries)) {
    for (const row of await database.read<object>(sql)) faults.push(`${name}: ${JSON.stringify(row)}`);
  }
  return faults;
}

const stockChanges = `
  SELECT product_id, seq, delta, quantity_after AS after FROM stock_entries
  UNION ALL SELECT product_id, stock_seq, -quantity, stock_after FROM order_items`;

const queries = {
  'stock is not the sum of its changes': `
    SELECT HEX(s.product_id) AS product, s.quantity, SUM(c.delta) AS expected
    FROM product_stock s JOIN (${stockChanges}) c ON c.product_id = s.product_id
    GROUP BY s.product_id, s.quantity HAVING s.quantity <> SUM(c.delta)`,
  'chain of a stock has a gap or does not follow': `
    SELECT HEX(product_id) AS product, seq, after, place, running FROM (
      SELECT product_id, seq, after,
        ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY seq) AS place,
        SUM(delta) OVER (PARTITION BY product_id ORDER BY seq) AS running
      FROM (${stockChanges}) c) chain
    WHERE seq <> place OR after <> running`,
  'stock version is not the number of changes': `
    SELECT HEX(s.product_id) AS product, s.version, COUNT(*) AS changes
    FROM product_stock s JOIN (${stockChanges}) c ON c.product_id = s.product_id
    GROUP BY s.product_id, s.version HAVING s.version <> COUNT(*)`,
  'balance is not the sum of the ledger': `
    SELECT HEX(w.user_id) AS user, w.balance, COALESCE(SUM(e.amount), 0) AS expected
    FROM wallets w LEFT JOIN wallet_entries e ON e.user_id = w.user_id
    GROUP BY w.user_id, w.balance HAVING w.balance <> COALESCE(SUM(e.amount), 0)`,
  'ledger has a gap or does not follow': `
    SELECT HEX(user_id) AS user, seq, balance_after, place, running FROM (
      SELECT user_id, seq, balance_after,
        ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY seq) AS place,
        SUM(amount) OVER (PARTITION BY user_id ORDER BY seq) AS running
      FROM wallet_entries) chain
    WHERE seq <> place OR balance_after <> running`,
  'wallet version is not the number of entries': `
    SELECT HEX(w.user_id) AS user, w.version, COUNT(e.seq) AS entries
    FROM wallets w LEFT JOIN wallet_entries e ON e.user_id = w.user_id
    GROUP BY w.user_id, w.version HAVING w.version <> COUNT(e.seq)`,
  'order without its payment, or paid another amount': `
    SELECT HEX(o.id) AS id, o.total, e.amount FROM orders o
    LEFT JOIN wallet_entries e ON e.order_id = o.id AND e.kind = 'PAYMENT' AND e.user_id = o.user_id
      AND e.seq = o.balance_seq
    WHERE e.amount IS NULL OR e.amount <> -o.total OR e.balance_after <> o.balance_after`,
  'subtotal is not the sum of the items': `
    SELECT HEX(o.id) AS id, o.subtotal FROM orders o LEFT JOIN order_items i ON i.order_id = o.id
    GROUP BY o.id, o.subtotal HAVING o.subtotal <> COALESCE(SUM(i.quantity * i.unit_price), -1)`,
  'event neither in the outbox nor in the inbox': `
    SELECT HEX(o.id) AS id FROM orders o
    LEFT JOIN outbox b ON b.event_id = o.id LEFT JOIN processed_events p ON p.event_id = o.id
    WHERE b.event_id IS NULL AND p.event_id IS NULL`,
};

/** What differs between the statistics and the orders, once every event has been counted. */
export async function statisticsFaults(database: TestDatabase): Promise<string[]> {
  const rows = await database.read<object>(`
    SELECT hour, HEX(product_id) AS product, SUM(units) AS units, SUM(revenue) AS revenue FROM (
      SELECT sales_hour AS hour, product_id, units, revenue FROM product_sales_hourly
      UNION ALL
      SELECT CAST(DATE_FORMAT(o.created_at, '%Y-%m-%d %H:00:00') AS DATETIME), i.product_id, -i.quantity,
        -i.quantity * i.unit_price
      FROM orders o JOIN order_items i ON i.order_id = o.id) both_sides
    GROUP BY hour, product_id HAVING SUM(units) <> 0 OR SUM(revenue) <> 0`);
  return rows.map((row) => `statistics differ from the orders: ${JSON.stringify(row)}`);
}
