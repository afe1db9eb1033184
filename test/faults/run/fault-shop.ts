import { createConnection } from 'mysql2/promise';
import { createSessions } from '../../../app/accounts/sessions.ts';
import { createProducts } from '../../../app/catalogue/create-products.ts';
import { migrate } from '../../../app/migrations/migrate.ts';
import { openDatabase } from '../../../app/platform/database.ts';
import { createLog } from '../../../app/platform/log.ts';
import { newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import { createCustomers } from '../../support/create-customers.ts';
import { insertCoupon } from '../../support/user-coupons.ts';
import type { BeginLine } from '../history/history-line.ts';
import { appAccount, DATABASE_NAME, type DirectDatabase } from './direct-database.ts';
import { directRedis } from './direct-redis.ts';
import type { FaultServer } from './fault-servers.ts';

export interface Shopper {
  readonly userId: string;
  /** Of the present session. */
  token: string;
}

/** What is sold in a run, and to whom. */
export interface FaultShop {
  readonly productIds: readonly string[];
  readonly couponIds: readonly string[];
  readonly customers: readonly Shopper[];
  readonly admin: Shopper;
  /** What the history begins with. */
  readonly before: BeginLine['shop'];
  /** A new session for whoever has lost his; waits for nothing and throws while Redis is away. */
  logIn(shopper: Shopper): Promise<void>;
}

const CUSTOMERS = 12;
/** Some orders' worth: many find that it is used up. */
const BALANCE_KRW = 4_000;
/** The first one is what everybody wants. Of some there are too few. */
const PRODUCTS = [
  { priceKrw: 150, stock: 1500 },
  { priceKrw: 400, stock: 25 },
  { priceKrw: 90, stock: 300 },
  { priceKrw: 700, stock: 60 },
  { priceKrw: 250, stock: 12 },
  { priceKrw: 330, stock: 400 },
] as const;
/** Far fewer than there are customers, so that they are gone early, and as many as there are. */
const COUPONS = [
  { kind: 'FIXED', amount: 100, quantity: 3 },
  { kind: 'PERCENT', amount: null, percent: 20, discount_max: 300, quantity: CUSTOMERS },
  { kind: 'FIXED', amount: 50, minimum_order: 300, quantity: 4 },
] as const;
/** The clock of a process may be hours off, and its coupons are good all the same. */
const DAY_MS = 86_400_000;

/** Makes the database and account of the app, and puts the shop into it. */
export async function openFaultShop(
  servers: { readonly mysql: Pick<FaultServer, 'url'>; readonly redis: Pick<FaultServer, 'url'> },
  database: DirectDatabase,
): Promise<FaultShop> {
  await createDatabase(servers.mysql.url);
  await migrate(database.url);
  const redis = directRedis(servers.redis);
  const made = await createCustomers(
    { database: { write: (sql, values) => database.write(sql, values as never) }, redis: clientOf(redis) },
    CUSTOMERS + 1,
    BALANCE_KRW,
  );
  const shoppers = made.map((each) => ({ ...each }));
  const admin = shoppers.pop() as Shopper;
  await database.write("UPDATE users SET role = 'admin' WHERE id = ?", [uuidBytes(admin.userId)]);
  const productIds = await insertProducts(database.url);
  const couponIds: string[] = [];
  for (const columns of COUPONS) {
    const [valid_from, valid_until] = [new Date(Date.now() - DAY_MS), new Date(Date.now() + DAY_MS)];
    const write = (sql: string, values: unknown[] = []) => database.write(sql, values as never);
    couponIds.push(await insertCoupon({ write }, { ...columns, valid_from, valid_until }));
  }
  return {
    productIds,
    couponIds,
    customers: shoppers,
    admin,
    before: await readShop(database),
    logIn: async (shopper) => {
      const store = {
        run: <T>(command: (client: ReturnType<typeof redis>) => Promise<T>) => command(redis()),
        probe: async () => undefined,
        ready: async () => undefined,
        close: async () => undefined,
      };
      const sessions = createSessions(store, { idleS: 1800, ttlMaxS: 604_800 });
      const { userId } = shopper;
      shopper.token = await sessions.create({ userId, epoch: 0, createdAtMs: Date.now() });
    },
  };
}

function clientOf(redis: ReturnType<typeof directRedis>): { client: ReturnType<typeof redis> } {
  return { client: redis() };
}

async function createDatabase(serverUrl: string): Promise<void> {
  const connection = await createConnection({ uri: serverUrl, connectTimeout: 5000 });
  try {
    await connection.query(
      `CREATE DATABASE ${DATABASE_NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci`,
    );
    const { user, password } = appAccount;
    await connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`);
    await connection.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON ${DATABASE_NAME}.* TO '${user}'@'%'`,
    );
  } finally {
    await connection.end();
  }
}

async function insertProducts(url: string): Promise<string[]> {
  const log = createLog({ level: 'error', role: 'faults', stage: 'test' });
  const [nowMs, random] = [() => Date.now(), () => Math.random()];
  const database = openDatabase({ writerUrl: url, connectionsMax: 1, log, nowMs, random });
  const products = PRODUCTS.map(({ priceKrw, stock }, index) => ({
    id: newUuid(),
    name: `Thing ${index}`,
    description: '',
    priceKrw,
    status: 'ACTIVE' as const,
    purchaseLimit: undefined,
    createdAt: new Date(),
    openingStock: stock,
  }));
  try {
    await database.withTransaction({ name: 'fault_shop', rerunnable: false }, (tx) =>
      createProducts(tx, products),
    );
  } finally {
    await database.close();
  }
  return products.map(({ id }) => id);
}

async function readShop(database: DirectDatabase): Promise<BeginLine['shop']> {
  const products = await database.read<{ id: Buffer; price: number; quantity: number; version: number }>(
    'SELECT p.id, p.price, s.quantity, s.version FROM products p JOIN product_stock s ON s.product_id = p.id',
  );
  const wallets = await database.read<{ user_id: Buffer; balance: number; version: number }>(
    'SELECT user_id, balance, version FROM wallets',
  );
  const coupons = await database.read<{ id: Buffer; quantity: number; issued_count: number }>(
    'SELECT id, quantity, issued_count FROM coupons',
  );
  return {
    products: products.map(({ id, price, quantity, version }) => ({
      productId: uuidText(id),
      priceKrw: price,
      quantity,
      stockSeq: version,
    })),
    users: wallets.map(({ user_id, balance, version }) => ({
      userId: uuidText(user_id),
      balanceKrw: balance,
      balanceSeq: version,
    })),
    coupons: coupons.map(({ id, quantity, issued_count }) => ({
      couponId: uuidText(id),
      quantity,
      issuedCount: issued_count,
    })),
  };
}
