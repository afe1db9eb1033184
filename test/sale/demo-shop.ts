import { readFile } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { parseEnv } from 'node:util';
import { Redis } from 'ioredis';
import { createPool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { runAuditCommand } from '../../app/audit/run-audit-command.ts';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { createRowlockClient, type RowlockClient } from '../../app/web/client/rowlock-client.ts';
import { demoAccounts } from '../../scripts/seed/demo-accounts.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';
import { createCustomers, type TestCustomer } from '../support/shop/create-customers.ts';
import { startServerProcess } from '../bench/server-process.ts';
import { type PublishedSale, publishSale } from './publish-sale.ts';

/** The product for sale, with as many units as the sale has. */
export interface ProductForSale {
  readonly id: string;
  readonly name: string;
  readonly price: number;
}

/** The shop that ./scripts/up runs, and its database. */
export interface DemoShop {
  readonly url: string;
  /** Sets the stock of the demo product by an adjustment, as an operator would. */
  stock(units: number): Promise<ProductForSale>;
  readStock(productId: string): Promise<{ readonly quantity: number; readonly version: number }>;
  /** Units in the orders that came after the stock had this version. */
  readUnitsSold(productId: string, afterVersion: number): Promise<number>;
  /** Customers with a balance and a session each. */
  createBuyers(count: number, balance: number): Promise<TestCustomer[]>;
  /** Starts the server that is written the usual way, on this shop's database. */
  startNaive(): Promise<{ readonly url: string; stop(): Promise<void> }>;
  /** Whether the whole database adds up, and the lines that say so. */
  audit(): Promise<{ readonly isClean: boolean; readonly lines: readonly string[] }>;
  /** Shows this sale in the console. */
  publish(sale: Omit<Parameters<typeof publishSale>[0], 'redis'>): PublishedSale;
  close(): Promise<void>;
}

const PRODUCT_NAME = 'First Light Turntable, Numbered';
/** Like NAIVE_CONNECTIONS of the benchmark: the number with which it sells most. */
const NAIVE_CONNECTIONS = '16';

/** Throws an error with advice if the shop is not running. */
export async function openDemoShop(): Promise<DemoShop> {
  const text = await readFile(shopPaths.environment, 'utf8').catch(() => undefined);
  if (text === undefined) throw new Error('start ./scripts/up first, or name a shop with --url');
  const { HTTP_PORT: port, ...env } = parseEnv(text) as Record<string, string>;
  const url = `http://127.0.0.1:${port}`;
  const admin = await logInAsAdmin(url);
  const pool = createPool({ uri: env['DATABASE_URL'] ?? '', connectionLimit: 2, timezone: 'Z' });
  const redis = new Redis(env['REDIS_STATE_URL'] ?? '', { commandTimeout: 60_000 });
  const write = async (sql: string, values: unknown[] = []) =>
    (await pool.query<ResultSetHeader>(sql, values))[0];
  const readStock = async (productId: string) => {
    const [rows] = await pool.query<({ quantity: number; version: number } & RowDataPacket)[]>(
      'SELECT quantity, version FROM product_stock WHERE product_id = ?',
      [uuidBytes(productId)],
    );
    if (rows[0] === undefined) throw new Error('the product has no stock');
    return rows[0];
  };

  return {
    url,
    async stock(units) {
      const page = await admin.call('listProducts', { query: { q: PRODUCT_NAME, limit: 1 } });
      const [product] = page.data;
      if (product === undefined) throw new Error(`the shop has no product named ${PRODUCT_NAME}`);
      const { quantity } = await readStock(product.id);
      if (quantity !== units) {
        await admin.call('adjustStock', {
          path: { productId: product.id },
          body: { delta: units - quantity, reason: `Sale of ${units} units` },
        });
      }
      return product;
    },
    readStock,
    async readUnitsSold(productId, afterVersion) {
      const [rows] = await pool.query<({ units: number } & RowDataPacket)[]>(
        `SELECT CAST(COALESCE(SUM(quantity), 0) AS SIGNED) AS units
         FROM order_items WHERE product_id = ? AND stock_seq > ?`,
        [uuidBytes(productId), afterVersion],
      );
      return rows[0]?.units ?? 0;
    },
    createBuyers: (count, balance) =>
      createCustomers({ database: { write }, redis: { client: redis } }, count, balance),
    startNaive: () =>
      startServerProcess({
        entry: 'test/bench/servers/naive-server.ts',
        name: 'naive server',
        workDir: shopPaths.local,
        env: { ...env, DATABASE_POOL_MAX: NAIVE_CONNECTIONS },
      }),
    audit: () => auditDatabase(env),
    publish: (sale) => publishSale({ ...sale, redis }),
    async close() {
      redis.disconnect();
      await pool.end();
    },
  };
}

async function logInAsAdmin(url: string): Promise<RowlockClient> {
  const { email, password } = demoAccounts.admin;
  const { token } = await createRowlockClient({ baseUrl: url }).call('logIn', { body: { email, password } });
  return createRowlockClient({ baseUrl: url, token: () => token });
}

async function auditDatabase(env: NodeJS.ProcessEnv): Promise<{ isClean: boolean; lines: string[] }> {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trimEnd().split('\n'));
      done();
    },
  }) as unknown as NodeJS.WriteStream & { fd: 1 };
  const code = await runAuditCommand([], { env, stdout: stream, stderr: stream as never });
  return { isClean: code === 0, lines };
}
