import type { TestDatabase } from '../servers/database.ts';

/**
 * Contradictions between the database and the shop's guarantees, one line per row; empty if everything adds
 * up. Each query reads stored rows only, never responses to clients.
 */
export function ledgerFaults(database: Pick<TestDatabase, 'read'>): Promise<string[]> {
  return rowsOf(database, ledgerQueries);
}

/**
 * Orders whose event is neither in the outbox nor counted by the consumer. Call once the queue is empty: an
 * event in transit is in neither.
 */
export function eventFaults(database: Pick<TestDatabase, 'read'>): Promise<string[]> {
  return rowsOf(database, eventQueries);
}

async function rowsOf(
  database: Pick<TestDatabase, 'read'>,
  queries: Readonly<Record<string, string>>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, sql] of Object.entries(queries)) {
    for (const row of await database.read<object>(sql)) faults.push(`${name}: ${JSON.stringify(row)}`);
  }
  return faults;
}

const stockChanges = `
  SELECT product_id, seq, delta, quantity_after AS after FROM stock_entries
  UNION ALL SELECT product_id, stock_seq, -quantity, stock_after FROM order_items`;

const ledgerQueries = {
  'stock is not the sum of its changes': `
    SELECT HEX(s.product_id) AS product, s.quantity, SUM(c.delta) AS expected
    FROM product_stock s JOIN (${stockChanges}) c ON c.product_id = s.product_id
    GROUP BY s.product_id, s.quantity HAVING s.quantity <> SUM(c.delta)`,
  'stock chain has a gap or a wrong value': `
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
  'ledger has a gap or a wrong value': `
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
  'order without a payment of its amount': `
    SELECT HEX(o.id) AS id, o.total, e.amount FROM orders o
    LEFT JOIN wallet_entries e ON e.order_id = o.id AND e.kind = 'PAYMENT' AND e.user_id = o.user_id
      AND e.seq = o.balance_seq
    WHERE e.amount IS NULL OR e.amount <> -o.total OR e.balance_after <> o.balance_after`,
  'subtotal is not the sum of the items': `
    SELECT HEX(o.id) AS id, o.subtotal FROM orders o LEFT JOIN order_items i ON i.order_id = o.id
    GROUP BY o.id, o.subtotal HAVING o.subtotal <> COALESCE(SUM(i.quantity * i.unit_price), -1)`,
  'cancelled order without its refund': `
    SELECT HEX(o.id) AS id, o.total FROM orders o
    LEFT JOIN wallet_entries e ON e.user_id = o.user_id AND e.kind = 'REFUND' AND e.order_id = o.id
    WHERE o.status = 'CANCELLED' GROUP BY o.id, o.total HAVING COUNT(e.seq) <> 1 OR SUM(e.amount) <> o.total`,
  'refund of an order that is not cancelled': `
    SELECT HEX(e.order_id) AS id FROM wallet_entries e LEFT JOIN orders o ON o.id = e.order_id
    WHERE e.kind = 'REFUND' AND (o.status IS NULL OR o.status <> 'CANCELLED')`,
  'cancelled items that were not restocked once, or restocked items that were not cancelled': `
    SELECT HEX(order_id) AS id, HEX(product_id) AS product, SUM(units) AS units FROM (
      SELECT i.order_id, i.product_id, i.quantity AS units FROM order_items i
      JOIN orders o ON o.id = i.order_id WHERE o.status = 'CANCELLED'
      UNION ALL SELECT order_id, product_id, -delta FROM stock_entries WHERE kind = 'RESTOCK') both_sides
    GROUP BY order_id, product_id HAVING SUM(units) <> 0`,
  'number of issued coupons differs from issued_count': `
    SELECT HEX(c.id) AS id, c.issued_count, COUNT(u.id) AS in_hand
    FROM coupons c LEFT JOIN user_coupons u ON u.coupon_id = c.id
    GROUP BY c.id, c.issued_count, c.quantity
    HAVING c.issued_count <> COUNT(u.id) OR c.issued_count > c.quantity`,
  'held coupon without a definition': `
    SELECT HEX(u.id) AS id FROM user_coupons u LEFT JOIN coupons c ON c.id = u.coupon_id WHERE c.id IS NULL`,
  'used coupon that no completed order of its user names': `
    SELECT HEX(u.id) AS id FROM user_coupons u LEFT JOIN orders o ON o.id = u.order_id
      AND o.user_coupon_id = u.id AND o.user_id = u.user_id AND o.status = 'COMPLETED'
    WHERE u.status = 'USED' AND o.id IS NULL`,
  'order with a coupon that it did not use, or with a discount and no coupon': `
    SELECT HEX(o.id) AS id FROM orders o LEFT JOIN user_coupons u ON u.id = o.user_coupon_id
      AND u.status = 'USED' AND u.order_id = o.id
    WHERE o.status = 'COMPLETED' AND o.user_coupon_id IS NOT NULL AND u.id IS NULL
      OR o.user_coupon_id IS NULL AND o.discount <> 0`,
};

const eventQueries = {
  'cancellation neither in the outbox nor in the inbox': `
    SELECT HEX(id) AS id FROM (
      SELECT id, UNHEX(CONCAT(LEFT(HEX(id), 12), '8', SUBSTRING(HEX(id), 14))) AS event_id
      FROM orders WHERE status = 'CANCELLED') o
    WHERE NOT EXISTS (SELECT 1 FROM outbox b WHERE b.event_id = o.event_id)
      AND NOT EXISTS (SELECT 1 FROM processed_events p WHERE p.event_id = o.event_id)`,
  'event neither in the outbox nor in the inbox': `
    SELECT HEX(o.id) AS id FROM orders o
    LEFT JOIN outbox b ON b.event_id = o.id LEFT JOIN processed_events p ON p.event_id = o.id
    WHERE b.event_id IS NULL AND p.event_id IS NULL`,
};

/** Differences between the statistics and the orders, once every event has been counted. */
export async function statisticsFaults(database: Pick<TestDatabase, 'read'>): Promise<string[]> {
  const rows = await database.read<object>(`
    SELECT hour, HEX(product_id) AS product, SUM(units) AS units, SUM(revenue) AS revenue FROM (
      SELECT sales_hour AS hour, product_id, units, revenue FROM product_sales_hourly
      UNION ALL
      SELECT CAST(DATE_FORMAT(o.created_at, '%Y-%m-%d %H:00:00') AS DATETIME), i.product_id, -i.quantity,
        -i.quantity * i.unit_price
      FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.status = 'COMPLETED') both_sides
    GROUP BY hour, product_id HAVING SUM(units) <> 0 OR SUM(revenue) <> 0`);
  return rows.map((row) => `statistics differ from the orders: ${JSON.stringify(row)}`);
}
