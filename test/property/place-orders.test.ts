import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createProducts } from '../../app/catalogue/create-products.ts';
import type { OrderRequest } from '../../app/orders/evaluate-orders.ts';
import { placeOrders } from '../../app/orders/place-orders.ts';
import { type Database, openDatabase, type Transaction } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { checkProperty } from '../support/check-property.ts';
import { createTestDatabase, type TestDatabase } from '../support/servers/database.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';

const RUNS = 25;
const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const log = createLog({ level: 'error', role: 'test', stage: 'test' });

const idOf = (kind: string, number: number) =>
  `00000000-0000-7000-8${kind}00-${String(number).padStart(12, '0')}`;
const productIds = [0, 1, 2].map((number) => idOf('1', number));
const userIds = [0, 1, 2].map((number) => idOf('2', number));
const unknownProduct = idOf('1', 9);
const couponIds = [0, 1, 2].map((number) => idOf('4', number));
/** Ids of the first and the second coupon of each user. */
const userCouponIds = [0, 1, 2, 3, 4, 5].map((number) => idOf('5', number));
const unknownUserCoupon = idOf('5', 9);
const HOUR_MS = 3_600_000;

interface Shop {
  readonly witness: TestDatabase;
  readonly database: Database;
}

const shopArbitrary = fc.record(
  {
    stock: fc.tuple(...productIds.map(() => fc.integer({ min: 0, max: 40 }))),
    price: fc.tuple(...productIds.map(() => fc.integer({ min: 0, max: 100 }))),
    limit: fc.tuple(...productIds.map(() => fc.constantFrom(...Array<undefined>(8).fill(undefined), 3))),
    status: fc.tuple(
      ...productIds.map(() => fc.constantFrom(...Array<'ACTIVE'>(9).fill('ACTIVE'), 'INACTIVE' as const)),
    ),
    balance: fc.tuple(...userIds.map(() => fc.integer({ min: 0, max: 1500 }))),
    coupons: fc.tuple(
      ...couponIds.map(() =>
        fc.record(
          {
            fixed: fc.boolean(),
            size: fc.integer({ min: 1, max: 100 }),
            minimum: fc.constantFrom(0, 0, 200),
            window: fc.constantFrom([-1, 1], [-1, 1], [-1, 1], [-1, 1], [-1, 0], [1, 2]),
          },
          { noNullPrototype: true },
        ),
      ),
    ),
    /** Second coupon of each user; all users have the same first one. */
    second: fc.tuple(...userIds.map(() => fc.constantFrom(1, 2))),
    requests: fc.array(
      fc.record(
        {
          user: fc.constantFrom(...userIds),
          coupon: fc.constantFrom(undefined, undefined, 0, 0, 1, 'of the first user', 'unknown'),
          expectedTotal: fc.constantFrom(undefined, undefined, undefined, 100),
          key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
          hash: fc.constantFrom(1, 1, 1, 2),
          lines: fc.array(
            fc.record(
              {
                productId: fc.constantFrom(...productIds, ...productIds, ...productIds, unknownProduct),
                quantity: fc.integer({ min: 1, max: 4 }),
              },
              { noNullPrototype: true },
            ),
            { minLength: 1, maxLength: 4 },
          ),
        },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 20, size: 'max' },
    ),
  },
  { noNullPrototype: true },
);

type Case = typeof shopArbitrary extends fc.Arbitrary<infer T> ? T : never;

describe('placeOrders, for any shop and any orders', () => {
  let grouped: Shop;
  let single: Shop;
  before(async () => {
    [grouped, single] = await Promise.all([openShop(), openShop()]);
  });
  after(() => Promise.all([grouped.database.close(), single.database.close()]));

  it('commits groups like groups of one: same results, same rows, intact chains', async function () {
    let couponsUsed = 0;
    await checkProperty(
      fc.asyncProperty(shopArbitrary, async (given) => {
        await Promise.all([fill(grouped, given), fill(single, given)]);
        const requests = given.requests.map(requestOf);
        // Keys of the first group occur again in the second.
        const half = Math.ceil(requests.length / 2);
        const ofGroup = [
          ...(await placeOrders(dependencies(grouped, false), requests.slice(0, half))),
          ...(half < requests.length
            ? await placeOrders(dependencies(grouped, false), requests.slice(half))
            : []),
        ];
        const ofSingles: typeof ofGroup = [];
        for (const request of requests)
          ofSingles.push(...(await placeOrders(dependencies(single, true), [request])));
        assert.deepStrictEqual(ofGroup, ofSingles);
        assert.deepStrictEqual(await rows(grouped.witness), await rows(single.witness));
        assert.deepStrictEqual(await ledgerFaults(grouped.witness), []);
        couponsUsed += ofGroup.filter(
          (placed) => 'code' in placed && placed.code === 'placed' && placed.order.userCouponId !== undefined,
        ).length;
      }),
      RUNS,
    );
    assert.ok(couponsUsed > 0, `no order used a coupon`);
  });
});

async function openShop(): Promise<Shop> {
  const witness = await createTestDatabase();
  const database = openDatabase({
    writerUrl: witness.url,
    connectionsMax: 4,
    log,
    nowMs: () => Date.now(),
    random: Math.random,
  });
  return { witness, database };
}

/** Groups look keys up only when a key or a rejection requires it, single orders always. */
const dependencies = ({ database }: Shop, looksUp: boolean) => ({
  database,
  nowMs: () => NOW_MS,
  outboxGraceMs: 0,
  eventsFormat: '2' as const,
  keyLookups: { takeTurn: () => looksUp, mattered: () => undefined },
  publish: () => undefined,
});

function requestOf(request: Case['requests'][number], index: number): OrderRequest {
  return {
    orderId: idOf('3', index),
    userId: request.user,
    idempotencyKey: request.key,
    requestHash: Buffer.alloc(32, request.hash),
    lines: request.lines,
    expectedTotalKrw: request.expectedTotal,
    userCouponId: couponOf(request),
  };
}

async function fill({ witness, database }: Shop, given: Case): Promise<void> {
  await witness.clear();
  await database.withTransaction({ name: 'fill', rerunnable: false }, async (tx) => {
    await createProducts(
      tx,
      productIds.map((id, index) => ({
        id,
        name: `product ${index}`,
        description: '',
        priceKrw: given.price[index] as number,
        status: given.status[index] as 'ACTIVE',
        purchaseLimit: given.limit[index],
        createdAt: new Date(NOW_MS),
        openingStock: given.stock[index] as number,
      })),
    );
    for (const [index, userId] of userIds.entries()) {
      const balance = given.balance[index] as number;
      await tx.write('INSERT INTO wallets (user_id, balance, version) VALUES (?, ?, 1)', [
        uuidBytes(userId),
        balance,
      ]);
      await tx.write(
        `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, created_at)
         VALUES (?, 1, 'CHARGE', ?, ?, NOW(3))`,
        [uuidBytes(userId), balance, balance],
      );
    }
    await fillCoupons(tx, given);
  });
}

function couponOf({ user, coupon }: Case['requests'][number]): string | undefined {
  if (coupon === 'unknown') return unknownUserCoupon;
  if (typeof coupon === 'string') return userCouponIds[0];
  return coupon === undefined ? undefined : userCouponIds[userIds.indexOf(user) * 2 + coupon];
}

async function fillCoupons(tx: Transaction, { coupons, second }: Case): Promise<void> {
  const held = userIds.flatMap((userId, index) =>
    [0, second[index] as number].map((coupon, place) => ({
      id: userCouponIds[index * 2 + place] as string,
      couponId: couponIds[coupon] as string,
      userId,
    })),
  );
  const at = (hours: number) => new Date(NOW_MS + hours * HOUR_MS);
  await tx.write(
    `INSERT INTO coupons (id, name, kind, amount, percent, discount_max, minimum_order, quantity,
       issued_count, valid_from, valid_until, created_at) VALUES ?`,
    [
      coupons.map(({ fixed, size, minimum, window: [from, until] }, index) => [
        uuidBytes(couponIds[index] as string),
        `coupon ${index}`,
        fixed ? 'FIXED' : 'PERCENT',
        fixed ? size : null,
        fixed ? null : size,
        fixed ? null : 40,
        minimum,
        10,
        held.filter(({ couponId }) => couponId === couponIds[index]).length,
        at(from as number),
        at(until as number),
        at(-1),
      ]),
    ],
  );
  await tx.write('INSERT INTO user_coupons (id, coupon_id, user_id, status, issued_at) VALUES ?', [
    held.map(({ id, couponId, userId }) => [
      uuidBytes(id),
      uuidBytes(couponId),
      uuidBytes(userId),
      'ISSUED',
      at(-1),
    ]),
  ]);
}

/** All rows that orders write, without timestamps of the database. */
function rows(witness: TestDatabase): Promise<unknown[][]> {
  return Promise.all(
    [
      'SELECT * FROM product_stock ORDER BY product_id',
      'SELECT * FROM wallets ORDER BY user_id',
      'SELECT * FROM orders ORDER BY id',
      'SELECT * FROM order_items ORDER BY order_id, line',
      "SELECT * FROM wallet_entries WHERE kind <> 'CHARGE' ORDER BY user_id, seq",
      'SELECT * FROM coupons ORDER BY id',
      'SELECT * FROM user_coupons ORDER BY id',
      'SELECT event_id, type, payload FROM outbox ORDER BY event_id',
    ].map((sql) => witness.read(sql)),
  );
}
