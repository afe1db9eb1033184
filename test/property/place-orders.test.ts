import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { createProducts } from '../../app/catalogue/create-products.ts';
import type { OrderRequest } from '../../app/orders/evaluate-orders.ts';
import { type PlacedOrder, placeOrders } from '../../app/orders/place-orders.ts';
import { type Database, openDatabase } from '../../app/platform/database.ts';
import { createLog } from '../../app/platform/log.ts';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { checkProperty } from '../support/check-property.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { ledgerFaults } from '../support/ledger-faults.ts';

const RUNS = 25;
const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const log = createLog({ level: 'error', role: 'test', stage: 'test' });

const idOf = (kind: string, number: number) =>
  `00000000-0000-7000-8${kind}00-${String(number).padStart(12, '0')}`;
const productIds = [0, 1, 2].map((number) => idOf('1', number));
const userIds = [0, 1, 2].map((number) => idOf('2', number));
const unknownProduct = idOf('1', 9);

interface Shop {
  readonly witness: TestDatabase;
  readonly database: Database;
}

const shopArbitrary = fc.record(
  {
    stock: fc.tuple(...productIds.map(() => fc.integer({ min: 0, max: 15 }))),
    price: fc.tuple(...productIds.map(() => fc.integer({ min: 0, max: 100 }))),
    limit: fc.tuple(...productIds.map(() => fc.constantFrom(undefined, undefined, 3))),
    balance: fc.tuple(...userIds.map(() => fc.integer({ min: 0, max: 1500 }))),
    requests: fc.array(
      fc.record(
        {
          user: fc.constantFrom(...userIds),
          key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
          hash: fc.constantFrom(1, 1, 1, 2),
          lines: fc.array(
            fc.record(
              {
                productId: fc.constantFrom(...productIds, ...productIds, unknownProduct),
                quantity: fc.integer({ min: 1, max: 4 }),
              },
              { noNullPrototype: true },
            ),
            { minLength: 1, maxLength: 4 },
          ),
        },
        { noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 20 },
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

  it('commits a group of n as n groups of one: same results, same rows, every chain whole', async function () {
    this.timeout(120_000);
    await checkProperty(
      fc.asyncProperty(shopArbitrary, async (given) => {
        await Promise.all([fill(grouped, given), fill(single, given)]);
        const requests = given.requests.map(requestOf);
        const ofGroup = await placeOrders(dependencies(grouped), requests);
        const ofSingles: PlacedOrder[] = [];
        for (const request of requests)
          ofSingles.push(...(await placeOrders(dependencies(single), [request])));
        assert.deepStrictEqual(ofGroup, ofSingles);
        assert.deepStrictEqual(await rows(grouped.witness), await rows(single.witness));
        assert.deepStrictEqual(await ledgerFaults(grouped.witness), []);
      }),
      RUNS,
    );
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

const dependencies = ({ database }: Shop) => ({
  database,
  nowMs: () => NOW_MS,
  outboxGraceMs: 0,
  publish: () => undefined,
});

function requestOf(request: Case['requests'][number], index: number): OrderRequest {
  return {
    orderId: idOf('3', index),
    userId: request.user,
    idempotencyKey: request.key,
    requestHash: Buffer.alloc(32, request.hash),
    lines: request.lines,
    expectedTotalKrw: undefined,
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
        status: 'ACTIVE',
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
  });
}

/** Everything that orders write, without the times at which the database wrote it. */
function rows(witness: TestDatabase): Promise<unknown[][]> {
  return Promise.all(
    [
      'SELECT * FROM product_stock ORDER BY product_id',
      'SELECT * FROM wallets ORDER BY user_id',
      'SELECT * FROM orders ORDER BY id',
      'SELECT * FROM order_items ORDER BY order_id, line',
      "SELECT * FROM wallet_entries WHERE kind <> 'CHARGE' ORDER BY user_id, seq",
      'SELECT event_id, type, payload FROM outbox ORDER BY event_id',
    ].map((sql) => witness.read(sql)),
  );
}
