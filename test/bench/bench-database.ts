import {
  createConnection,
  createPool,
  type Pool,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise';
import { Redis } from 'ioredis';
import { createProducts } from '../../app/catalogue/create-products.ts';
import { migrate } from '../../app/migrations/migrate.ts';
import type { Transaction } from '../../app/platform/mysql/database.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { createCustomers } from '../support/shop/create-customers.ts';

/** A separate shop: schema, buyers with sessions, products with stock. */
export interface BenchDatabase {
  readonly url: string;
  /** The Redis with the buyers' sessions. */
  readonly redisUrl: string;
  readonly tokens: readonly string[];
  readonly productIds: readonly string[];
  read<R>(sql: string, values?: unknown[]): Promise<R[]>;
  write(sql: string, values?: unknown[]): Promise<ResultSetHeader>;
  count(table: 'outbox' | 'orders' | 'processed_events'): Promise<number>;
  /** Runs statements on one connection, after `settings`, and closes it afterwards. */
  withSession(settings: readonly string[], work: SessionWork): Promise<void>;
  /** Restores the initial state: no orders, full stock, full wallets. Buyers, sessions and products stay. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

type SessionWork = (run: (sql: string) => Promise<unknown>) => Promise<void>;

export const BUYERS = 10_000;
export const PRODUCTS = 1000;
export const PRICE_KRW = 1000;
/** Balance that no run exhausts, so that no order is rejected. */
const BALANCE_KRW = 1_000_000_000;
const STOCK = 100_000_000;
/** Number of products with sales, for the popular list. */
const POPULAR = 50;

export async function createBenchDatabase(
  server: MysqlServer,
  redisUrl: string,
  name: string,
): Promise<BenchDatabase> {
  const url = await server.createDatabase(name);
  await migrate(url);
  const pool = createPool({
    uri: url,
    connectionLimit: 2,
    charset: 'utf8mb4_unicode_520_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
  });
  const { read, write } = statementsOf(pool);
  const redis = new Redis(redisUrl, { commandTimeout: 20_000 });
  try {
    await redis.flushdb();
    const productIds = Array.from({ length: PRODUCTS }, newUuid);
    const createdAt = new Date();
    await createProducts(
      // The seed needs no other methods of a transaction, because nothing runs concurrently.
      { read, write } as Partial<Transaction> as Transaction,
      productIds.map((id, index) => ({
        id,
        name: `Product ${index + 1}`,
        description: 'One of a thousand',
        priceKrw: PRICE_KRW,
        status: 'ACTIVE',
        purchaseLimit: undefined,
        createdAt,
        openingStock: STOCK,
      })),
    );
    const customers = await createCustomers(
      { database: { write }, redis: { client: redis } },
      BUYERS,
      BALANCE_KRW,
    );
    const hour = new Date(createdAt);
    hour.setUTCMinutes(0, 0, 0);
    await write('INSERT INTO product_sales_hourly (sales_hour, product_id, units, revenue) VALUES ?', [
      productIds.slice(0, POPULAR).map((id, index) => [hour, uuidBytes(id), 100 - index, 100_000]),
    ]);
    // Updates statistics: the optimiser would scan a table that was empty a moment ago.
    await write('ANALYZE TABLE users, wallets, products, product_stock');
    return {
      url,
      redisUrl,
      tokens: customers.map(({ token }) => token),
      productIds,
      read,
      write,
      count: async (table) => {
        const [row] = await read<{ rows: number }>(`SELECT COUNT(*) AS \`rows\` FROM ${table}`);
        return row?.rows ?? 0;
      },
      withSession: (settings, work) => withSession(url, settings, work),
      reset: () => withSession(url, ['SET SESSION foreign_key_checks = 0'], resetStatements),
      close: () => pool.end(),
    };
  } finally {
    redis.disconnect();
  }
}

async function withSession(url: string, settings: readonly string[], work: SessionWork): Promise<void> {
  const connection = await createConnection({ uri: url, connectTimeout: 5000 });
  try {
    for (const sql of settings) await connection.query(sql);
    await work((sql) => connection.query(sql));
  } finally {
    connection.destroy();
  }
}

const resetStatements: SessionWork = async (run) => {
  for (const table of ['order_items', 'orders', 'wallet_entries', 'outbox'])
    await run(`TRUNCATE TABLE ${table}`);
  await run(`UPDATE wallets SET balance = ${BALANCE_KRW}, version = 1`);
  await run(`UPDATE product_stock SET quantity = ${STOCK}, version = 1`);
  await run(`INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, created_at)
    SELECT user_id, 1, 'CHARGE', balance, balance, NOW(3) FROM wallets`);
};

function statementsOf(pool: Pool) {
  return {
    read: async <R>(sql: string, values: unknown[] | readonly unknown[] = []): Promise<R[]> =>
      (await pool.query<RowDataPacket[]>(sql, [...values]))[0] as R[],
    write: async (sql: string, values: unknown[] | readonly unknown[] = []): Promise<ResultSetHeader> =>
      (await pool.query<ResultSetHeader>(sql, [...values]))[0],
  };
}
