import { BUYERS, PRICE_KRW, PRODUCTS } from './bench-database.ts';
import type { BenchDatabase } from './bench-database.ts';

/** Prefix of the keys of orders that existed before the benchmark. */
export const PRELOADED_KEY = 'preloaded-';

const CHUNK = 50_000;
/** Time between two orders; the last one is dated at the start of the run. */
const GAP_MS = 10;

/**
 * Writes `orders` orders as if they had been placed one after another, with items, ledger entries and
 * unbroken chains; their events count as sent. Order k is by buyer k modulo the number of buyers, for one
 * unit of product k modulo the number of products. Uses set-based statements without binary log and key
 * checks: a million orders take about a minute.
 */
export async function preloadOrders(database: BenchDatabase, orders: number): Promise<void> {
  if (orders % BUYERS !== 0 || BUYERS % PRODUCTS !== 0) throw new Error('every buyer has as many orders');
  const startMs = Date.now() - orders * GAP_MS;
  await database.withSession(
    ['SET SESSION sql_log_bin = 0, foreign_key_checks = 0, unique_checks = 0'],
    async (run) => {
      await run('CREATE TABLE preload_numbers (n INT NOT NULL PRIMARY KEY)');
      await run(`INSERT INTO preload_numbers SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n
        FROM ${['a', 'b', 'c', 'd', 'e'].map((name) => `(${DIGITS}) ${name}`).join(' JOIN ')}
        WHERE a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n < ${CHUNK}`);
      for (const [table, source, key] of [
        ['preload_buyers', 'wallets', 'user_id'],
        ['preload_products', 'product_stock', 'product_id'],
      ] as const) {
        await run(
          `CREATE TABLE ${table} (n INT NOT NULL PRIMARY KEY, id BINARY(16) NOT NULL, at BIGINT NOT NULL)`,
        );
        const value = source === 'wallets' ? 'balance' : 'quantity';
        await run(
          `INSERT INTO ${table}
           SELECT ROW_NUMBER() OVER (ORDER BY ${key}) - 1, ${key}, ${value} FROM ${source}`,
        );
      }
      for (let from = 0; from < orders; from += CHUNK) {
        for (const sql of chunkStatements(from, startMs)) await run(sql);
      }
      const [each, eachProduct] = [orders / BUYERS, orders / PRODUCTS];
      await run(`UPDATE wallets SET balance = balance - ${each * PRICE_KRW}, version = version + ${each}`);
      await run(
        `UPDATE product_stock SET quantity = quantity - ${eachProduct}, version = version + ${eachProduct}`,
      );
      for (const name of ['numbers', 'buyers', 'products']) await run(`DROP TABLE preload_${name}`);
    },
  );
  await database.write('ANALYZE TABLE orders, order_items, wallet_entries');
}

const DIGITS = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS n`).join(' UNION ALL ');

/** Order k: its time, buyer and product, and how often each of them occurred before. */
function chunkStatements(from: number, startMs: number): string[] {
  const k = `(${from} + n.n)`;
  const ms = `(${startMs} + ${k} * ${GAP_MS})`;
  const [userTurn, productTurn] = [`FLOOR(${k} / ${BUYERS})`, `FLOOR(${k} / ${PRODUCTS})`];
  // A UUIDv7: 48 bits of time, version, 12 bits, variant, and 60 varying bits.
  const id =
    `UNHEX(CONCAT(LPAD(HEX(${ms}), 12, '0'), '7', LPAD(HEX(${k} % 4096), 3, '0'), '8', ` +
    `LEFT(MD5(${k}), 15)))`;
  const time = `FROM_UNIXTIME(${ms} / 1000)`;
  const tables = `FROM preload_numbers n
    JOIN preload_buyers u ON u.n = ${k} % ${BUYERS}
    JOIN preload_products p ON p.n = ${k} % ${PRODUCTS}`;
  const balanceAfter = `u.at - (${userTurn} + 1) * ${PRICE_KRW}`;
  return [
    `INSERT INTO orders (id, user_id, status, subtotal, discount, total, balance_seq, balance_after,
       idempotency_key, request_hash, created_at)
     SELECT ${id}, u.id, 'COMPLETED', ${PRICE_KRW}, 0, ${PRICE_KRW}, ${userTurn} + 2, ${balanceAfter},
       CONCAT('${PRELOADED_KEY}', ${k}), UNHEX(SHA2(${k}, 256)), ${time} ${tables} ORDER BY n.n`,
    `INSERT INTO order_items
       (order_id, line, product_id, product_name, unit_price, quantity, stock_after, stock_seq)
     SELECT ${id}, 1, p.id, 'Product', ${PRICE_KRW}, 1, p.at - (${productTurn} + 1), ${productTurn} + 2
     ${tables} ORDER BY n.n`,
    `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, order_id, created_at)
     SELECT u.id, ${userTurn} + 2, 'PAYMENT', -${PRICE_KRW}, ${balanceAfter}, ${id}, ${time}
     ${tables} ORDER BY u.n, n.n`,
  ];
}
