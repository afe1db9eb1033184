import { createConnection } from 'mysql2/promise';
import { createSessions } from '../../../app/accounts/sessions.ts';
import { createProducts } from '../../../app/catalogue/create-products.ts';
import { migrate } from '../../../app/migrations/migrate.ts';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import { createCustomers } from '../../support/shop/create-customers.ts';
import { type CouponColumns, insertCoupon } from '../../support/shop/user-coupons.ts';
import type { BeginLine } from '../history/history-line.ts';
import { appAccount, DATABASE_NAME, type DirectDatabase } from './direct-database.ts';
import { directRedis } from './direct-redis.ts';
import type { FaultServer } from './fault-servers.ts';
import { sessionTimes } from '../../support/shop/session-times.ts';

export interface Shopper {
  readonly userId: string;
  /** Token of the current session. */
  token: string;
}

/** Products, coupons and customers of a run. */
export interface FaultShop {
  readonly productIds: readonly string[];
  /** Products that customers rarely want. */
  readonly shelfIds: readonly string[];
  readonly couponIds: readonly string[];
  /** Coupons that each customer has from the beginning, by customer. */
  readonly issued: ReadonlyMap<string, readonly string[]>;
  readonly customers: readonly Shopper[];
  readonly admin: Shopper;
  /** Opening time in ms since 1970; the windows of its coupons are relative to it. */
  readonly openingMs: number;
  /** The shop as it is when the history begins. */
  readonly before: BeginLine['shop'];
  /**
   * Sets the opening time to now, so that windows of seconds are not over when the first customer arrives.
   */
  openDoors(): Promise<void>;
  /**
   * Opens a new session for a customer who has lost theirs; does not retry, and throws while Redis is
   * unavailable.
   */
  logIn(shopper: Shopper): Promise<void>;
}

const CUSTOMERS = 12;
/** Cancellation window of customers: short enough that some cancellations of a run come too late. */
export const CANCEL_WINDOW_S = 4;
/** Enough for some orders, so that many customers run out of balance. */
const BALANCE_KRW = 4_000;
interface ShopProduct {
  readonly priceKrw: number;
  readonly stock: number;
  readonly purchaseLimit: number | undefined;
  /** Start and end of its sale, in ms from the opening of the shop; by default it has none. */
  readonly saleFromMs?: number;
  readonly saleUntilMs?: number;
}

/**
 * The first product is the one that all customers want. Some have too little stock, and some have a low limit
 * per customer. The sale of one begins and that of another ends during the run. A percentage of these prices
 * is seldom a whole number.
 */
const PRODUCTS: readonly ShopProduct[] = [
  { priceKrw: 151, stock: 1500, purchaseLimit: undefined },
  { priceKrw: 397, stock: 25, purchaseLimit: undefined },
  { priceKrw: 89, stock: 300, purchaseLimit: 5 },
  { priceKrw: 703, stock: 60, purchaseLimit: 3 },
  { priceKrw: 251, stock: 12, purchaseLimit: undefined },
  { priceKrw: 333, stock: 400, purchaseLimit: 8 },
  { priceKrw: 211, stock: 300, purchaseLimit: undefined, saleFromMs: 1500 },
  { priceKrw: 307, stock: 300, purchaseLimit: undefined, saleUntilMs: 3000 },
];
/** Rarely wanted; they make the number of products exceed the lines of a cart. */
const SHELF = Array.from({ length: 50 }, () => ({ priceKrw: 57, stock: 20, purchaseLimit: undefined }));
/** A process's clock may be hours off, yet most coupons stay valid. */
const DAY_MS = 86_400_000;
const percentage = { kind: 'PERCENT', amount: null, discount_max: 300 } as const;

interface ShopCoupon extends CouponColumns {
  readonly quantity: number;
  /** Offset from the opening of the shop, in ms; by default a day before and a day after it. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Every customer already has one. */
  readonly isIssued?: true;
}

/**
 * Coupons of every kind: far fewer than customers, so that they run out early; as many as customers; already
 * issued to every customer; valid from or until a moment of the run; already expired or not yet valid.
 */
const COUPONS: readonly ShopCoupon[] = [
  { kind: 'FIXED', amount: 101, quantity: 3 },
  { ...percentage, percent: 15, quantity: CUSTOMERS },
  { kind: 'FIXED', amount: 50, minimum_order: 900, quantity: CUSTOMERS },
  { ...percentage, percent: 33, quantity: CUSTOMERS, untilMs: 3500 },
  { kind: 'FIXED', amount: 5000, quantity: CUSTOMERS, fromMs: 2000 },
  { kind: 'FIXED', amount: 60, quantity: CUSTOMERS, fromMs: DAY_MS / 2 },
  { kind: 'FIXED', amount: 75, quantity: CUSTOMERS, untilMs: -DAY_MS / 2, isIssued: true },
  { ...percentage, percent: 50, quantity: CUSTOMERS, fromMs: DAY_MS / 2, isIssued: true },
  { ...percentage, percent: 7, discount_max: 40, quantity: CUSTOMERS, isIssued: true },
  { ...percentage, percent: 13, quantity: CUSTOMERS, isIssued: true },
];

/** Creates the database and account of the app, and fills the shop. */
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
  const issued = new Map<string, string[]>();
  let openingMs = Date.now();
  for (const { fromMs, untilMs, isIssued, ...columns } of COUPONS) {
    const [valid_from, valid_until] = windowOf({ fromMs, untilMs }, openingMs);
    const write = (sql: string, values: unknown[] = []) => database.write(sql, values as never);
    const couponId = await insertCoupon({ write }, { ...columns, valid_from, valid_until });
    couponIds.push(couponId);
    if (isIssued !== true) continue;
    for (const { userId } of shoppers) {
      const userCouponId = await issue(database, { couponId, userId });
      issued.set(userId, [...(issued.get(userId) ?? []), userCouponId]);
    }
  }
  let before = await readShop(database);
  return {
    productIds: productIds.slice(0, PRODUCTS.length),
    shelfIds: productIds.slice(PRODUCTS.length),
    couponIds,
    issued,
    customers: shoppers,
    admin,
    get openingMs() {
      return openingMs;
    },
    get before() {
      return before;
    },
    openDoors: async () => {
      openingMs = Date.now();
      for (const [index, coupon] of COUPONS.entries()) {
        const id = uuidBytes(couponIds[index] as string);
        const values = [...windowOf(coupon, openingMs), id];
        await database.write('UPDATE coupons SET valid_from = ?, valid_until = ? WHERE id = ?', values);
      }
      for (const [index, { saleFromMs, saleUntilMs }] of PRODUCTS.entries()) {
        const at = (ms: number | undefined) => (ms === undefined ? null : new Date(openingMs + ms));
        const values = [at(saleFromMs), at(saleUntilMs), uuidBytes(productIds[index] as string)];
        await database.write('UPDATE products SET sale_from = ?, sale_until = ? WHERE id = ?', values);
      }
      before = await readShop(database);
    },
    logIn: async (shopper) => {
      const store = {
        run: <T>(command: (client: ReturnType<typeof redis>) => Promise<T>) => command(redis()),
        probe: async () => undefined,
        ready: async () => undefined,
        close: async () => undefined,
      };
      const sessions = createSessions({ redis: store, times: sessionTimes, nowMs: () => Date.now() });
      const { userId } = shopper;
      shopper.token = await sessions.create({ userId, epoch: 0, createdAtMs: Date.now() }, 'customer');
    },
  };
}

function windowOf(
  {
    fromMs = -DAY_MS,
    untilMs = DAY_MS,
  }: { readonly fromMs?: number | undefined; readonly untilMs?: number | undefined },
  openingMs: number,
): [Date, Date] {
  return [new Date(openingMs + fromMs), new Date(openingMs + untilMs)];
}

/** Gives a customer a coupon before the history begins; returns its id. */
async function issue(
  database: DirectDatabase,
  { couponId, userId }: { readonly couponId: string; readonly userId: string },
): Promise<string> {
  const id = newUuid();
  await database.write(
    `INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at)
     VALUES (?, ?, ?, 'ISSUED', UTC_TIMESTAMP(3) - INTERVAL 1 DAY)`,
    [uuidBytes(id), uuidBytes(couponId), uuidBytes(userId)],
  );
  await database.write('UPDATE coupons SET issued_count = issued_count + 1 WHERE id = ?', [
    uuidBytes(couponId),
  ]);
  return id;
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
  const products = [...PRODUCTS, ...SHELF].map(({ priceKrw, stock, purchaseLimit }, index) => ({
    id: newUuid(),
    name: `Thing ${index}`,
    description: '',
    priceKrw,
    status: 'ACTIVE' as const,
    purchaseLimit,
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
  const products = await database.read<{
    id: Buffer;
    name: string;
    price: number;
    status: 'ACTIVE' | 'INACTIVE';
    purchase_limit: number | null;
    sale_from: Date | null;
    sale_until: Date | null;
    quantity: number;
    version: number;
  }>(
    `SELECT p.id, p.name, p.price, p.status, p.purchase_limit, p.sale_from, p.sale_until, s.quantity,
       s.version
     FROM products p JOIN product_stock s ON s.product_id = p.id ORDER BY p.id`,
  );
  const wallets = await database.read<{ user_id: Buffer; balance: number; version: number }>(
    'SELECT user_id, balance, version FROM wallets',
  );
  const coupons = await database.read<{
    id: Buffer;
    name: string;
    quantity: number;
    issued_count: number;
    kind: 'FIXED' | 'PERCENT';
    amount: number | null;
    percent: number | null;
    discount_max: number | null;
    minimum_order: number;
    valid_from: Date;
    valid_until: Date;
  }>('SELECT * FROM coupons');
  return {
    products: products.map(({ id, name, price, status, quantity, version, ...row }) => ({
      productId: uuidText(id),
      terms: {
        name,
        priceKrw: price,
        status,
        purchaseLimit: row.purchase_limit,
        saleFrom: row.sale_from?.toISOString() ?? null,
        saleUntil: row.sale_until?.toISOString() ?? null,
      },
      quantity,
      stockSeq: version,
    })),
    users: wallets.map(({ user_id, balance, version }) => ({
      userId: uuidText(user_id),
      balanceKrw: balance,
      balanceSeq: version,
    })),
    coupons: coupons.map((row) => ({
      couponId: uuidText(row.id),
      name: row.name,
      quantity: row.quantity,
      issuedCount: row.issued_count,
      terms: {
        kind: row.kind,
        amountKrw: row.amount ?? row.discount_max ?? 0,
        percent: row.percent,
        minimumOrderKrw: row.minimum_order,
        validFromMs: row.valid_from.getTime(),
        validUntilMs: row.valid_until.getTime(),
      },
    })),
    cancelWindowMs: CANCEL_WINDOW_S * 1000,
  };
}
