import { createKeyLookups } from '../../../app/orders/key-lookups.ts';
import { expect } from 'chai';
import { placeOrders } from '../../../app/orders/place-orders.ts';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import type { Transaction, TransactionOptions } from '../../../app/platform/mysql/transaction.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { arriveAt, openBarrier } from '../../support/barrier.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { giveCoupon, userCouponState } from '../../support/shop/user-coupons.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';

const ATTEMPTS = 20;
const HOUR_MS = 3_600_000;

describe('an order with a coupon', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let other: AppProcess;
  let admin: AdminClient;
  let cup: string;
  before(async () => {
    [app, other] = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    admin = await adminClient(shop, app);
    cup = await admin.newProduct({ price: 300, stock: 1000 });
  });
  afterEach(async () => {
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  const bodyOf = (userCouponId: string, rest: object = {}) => ({
    items: [{ productId: cup, quantity: 2 }],
    userCouponId,
    ...rest,
  });

  it('costs less, states that in its response and its event, and consumes the coupon', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const userCouponId = await giveCoupon(shop.database, customer.userId, { minimum_order: 600 });
    const reply = await customer.post('/orders', bodyOf(userCouponId, { expectedTotal: 500 }), { key: 'a' });
    expect(reply.status, reply.text).to.equal(200);
    expect(reply.body).to.include({
      subtotal: 600,
      discount: 100,
      total: 500,
      userCouponId,
      balanceAfter: 500,
    });
    const { id } = reply.body;
    expect(await userCouponState(shop.database, userCouponId)).to.deep.equal({ status: 'USED', orderId: id });
    const event = await until('the event on its way', async () => {
      const bodies = await shop.events.peek();
      return bodies.find((body) => body.includes(id as string));
    });
    expect(JSON.parse(event).data).to.include({ total: 500, discount: 100 });

    expect((await customer.get(`/orders/${id}`)).text).to.equal(reply.text);
    const again = await customer
      .at(other.url)
      .post('/orders', bodyOf(userCouponId, { expectedTotal: 500 }), { key: 'a' });
    expect([again.status, again.text]).to.deep.equal([200, reply.text]);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    const without = { items: bodyOf('').items, expectedTotal: 500 };
    expect((await customer.post('/orders', without, { key: 'a' })).body.code).to.equal(
      'idempotency_key_reused',
    );
  });

  it('is rejected with the reason, writes nothing, and leaves key and coupon unused', async () => {
    const [customer, stranger] = await Promise.all([
      shop.client(app).newCustomer(1000),
      shop.client(app).newCustomer(),
    ]);
    const give = (columns = {}) => giveCoupon(shop.database, customer.userId, columns);
    const used = await give();
    const good = await give();
    expect((await customer.post('/orders', bodyOf(used), { key: 'used' })).status).to.equal(200);
    const cases: [userCouponId: string, extra: Record<string, unknown>][] = [
      [newUuid(), { reason: 'not_found' }],
      [await giveCoupon(shop.database, stranger.userId), { reason: 'not_found' }],
      [used, { reason: 'used' }],
      [await give({ valid_from: new Date(Date.now() + HOUR_MS / 2) }), { reason: 'not_yet_valid' }],
      [await give({ valid_until: new Date(Date.now() - 1) }), { reason: 'expired' }],
      [await give({ minimum_order: 601 }), { reason: 'below_minimum', minimumOrder: 601 }],
    ];
    for (const [userCouponId, extra] of cases) {
      const reply = await customer.post('/orders', bodyOf(userCouponId), { key: 'next' });
      expect(reply.status, reply.text).to.equal(409);
      expect(reply.body).to.include({ code: 'coupon_not_usable', ...extra });
    }
    const dear = await customer.post('/orders', bodyOf(good, { expectedTotal: 600 }), { key: 'next' });
    expect(dear.body).to.include({ code: 'price_changed', total: 500 });
    expect(await userCouponState(shop.database, good)).to.include({ status: 'ISSUED' });
    const reply = await customer.post('/orders', bodyOf(good), { key: 'next' });
    expect([reply.status, reply.body.balanceAfter]).to.deep.equal([200, 0]);
  });

  it('is one order when two processes receive twenty concurrent ones for the same coupon', async () => {
    const customer = await shop.client(app).newCustomer(100_000);
    const userCouponId = await giveCoupon(shop.database, customer.userId);
    const barrier = await openBarrier(ATTEMPTS);
    const replies = await Promise.all(
      Array.from({ length: ATTEMPTS }, async (_, index) => {
        await arriveAt(barrier.port);
        const client = customer.at(index % 2 ? app.url : other.url);
        return insistOnBusyMachine(() =>
          client.post('/orders', bodyOf(userCouponId), { key: `race-${index}` }),
        );
      }),
    );
    const placed = replies.filter(({ status }) => status === 200);
    expect(placed).to.have.lengthOf(1);
    const refused = replies.filter(({ body }) => body.reason === 'used');
    expect(refused).to.have.lengthOf(ATTEMPTS - 1);
    expect(await userCouponState(shop.database, userCouponId)).to.deep.equal({
      status: 'USED',
      orderId: placed[0]?.body.id,
    });
  });

  it('returns it once when cancelled twenty times at once, and the next order can use it', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const userCouponId = await giveCoupon(shop.database, customer.userId);
    const order = (await customer.post('/orders', bodyOf(userCouponId), { key: 'first' })).body;
    const barrier = await openBarrier(ATTEMPTS);
    const replies = await Promise.all(
      Array.from({ length: ATTEMPTS }, async (_, index) => {
        await arriveAt(barrier.port);
        const client = customer.at(index % 2 ? app.url : other.url);
        const cancelled = await insistOnBusyMachine(() =>
          client.post(`/orders/${order.id}/cancel`, undefined, { key: `c-${index}` }),
        );
        // Each client that cancelled orders again at once, while the other cancellations are still in flight.
        if (cancelled.status === 200) {
          await insistOnBusyMachine(() => client.post('/orders', bodyOf(userCouponId), { key: 'second' }));
        }
        return cancelled;
      }),
    );
    const cancelled = replies.filter(({ status }) => status === 200);
    expect(cancelled).to.have.lengthOf(1);
    expect(cancelled[0]?.body).to.include({ refund: 500, balanceAfter: 1000 });
    const second = (await customer.get('/orders?key=second')).body.data[0];
    expect(second).to.include({ discount: 100, balanceAfter: 500 });
    expect(await userCouponState(shop.database, userCouponId)).to.deep.equal({
      status: 'USED',
      orderId: second.id,
    });
    // The first order still names its coupon, and its key still replays the original response.
    expect((await customer.get(`/orders/${order.id}`)).body).to.include({
      status: 'CANCELLED',
      userCouponId,
    });
    expect((await customer.post('/orders', bodyOf(userCouponId), { key: 'first' })).body).to.deep.equal(
      order,
    );
  });

  it('returns an expired coupon as expired', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const userCouponId = await giveCoupon(shop.database, customer.userId);
    const order = (await customer.post('/orders', bodyOf(userCouponId), { key: 'order' })).body;
    await shop.database.write(
      'UPDATE coupons c JOIN user_coupons u ON u.coupon_id = c.id ' +
        'SET c.valid_until = NOW(3) - INTERVAL 1 SECOND WHERE u.id = ?',
      [uuidBytes(userCouponId)],
    );
    const cancelled = await customer.post(`/orders/${order.id}/cancel`, undefined, { key: 'cancel' });
    expect(cancelled.status).to.equal(200);
    const reply = await customer.post('/orders', bodyOf(userCouponId), { key: 'again' });
    expect(reply.body).to.include({ code: 'coupon_not_usable', reason: 'expired' });
  });

  /** Runs `placeOrders` in this process, with a separate database pool and clock. */
  function placing(databaseUrl: string, nowMs = () => Date.now()) {
    const database = openDatabase({
      writerUrl: databaseUrl,
      connectionsMax: 2,
      log: createLog({ level: 'error', role: 'test', stage: 'test' }),
      nowMs: () => Date.now(),
      random: Math.random,
    });
    onCleanup(() => database.close());
    const statements: string[] = [];
    const watched = (tx: Transaction): Transaction => ({
      ...tx,
      writeRows: (rows, sql, values) => {
        statements.push(sql);
        return tx.writeRows(rows, sql, values);
      },
      read: (sql, values) => {
        statements.push(sql);
        return tx.read(sql, values);
      },
      write: (sql, values) => {
        statements.push(sql);
        return tx.write(sql, values);
      },
    });
    const dependencies = {
      database: {
        ...database,
        withTransaction: <T>(options: TransactionOptions, work: (tx: Transaction) => Promise<T>) =>
          database.withTransaction(options, (tx) => work(watched(tx))),
      },
      nowMs,
      outboxGraceMs: 0,
      eventsFormat: '2' as const,
      keyLookups: createKeyLookups(),
      publish: () => undefined,
    };
    return {
      statements,
      place: async (userId: string, userCouponId: string | undefined, idempotencyKey: string) => {
        const request = {
          orderId: newUuid(),
          userId,
          idempotencyKey,
          requestHash: Buffer.alloc(32),
          lines: [{ productId: cup, quantity: 2 }],
          expectedTotalKrw: undefined,
          userCouponId,
        };
        return (await placeOrders(dependencies, [request]))[0];
      },
    };
  }

  it("is placed once if the COMMIT's response is lost and the coupon ends before the retry", async () => {
    const { userId } = await shop.client(app).newCustomer(1000);
    const userCouponId = await giveCoupon(shop.database, userId);
    const proxy = await openFaultProxy(shop.database.url);
    const armed = new Set<number>();
    let cuts = 0;
    proxy.watchClient((bytes, connection) => {
      if (bytes.includes('UPDATE user_coupons')) armed.add(connection);
      if (cuts > 0 || !armed.has(connection) || !bytes.toString('latin1').endsWith('COMMIT'))
        return 'forward';
      cuts += 1;
      return 'forward-then-cut';
    });
    // The coupon is valid for an hour; the clock moves two hours ahead once the connection is cut.
    const { place } = placing(proxy.through(shop.database.url), () => Date.now() + cuts * 2 * HOUR_MS);
    const placed = await place(userId, userCouponId, 'cut');
    expect(cuts).to.equal(1);
    expect(placed).to.include({ code: 'placed', replayed: false });
    expect(placed).to.have.property('order').that.includes({ discountKrw: 100, totalKrw: 500, userCouponId });
    expect(await userCouponState(shop.database, userCouponId)).to.include({ status: 'USED' });
  });

  it('adds no statement to a group without coupons, and no lock to a replay', async () => {
    const { userId } = await shop.client(app).newCustomer(2000);
    const userCouponId = await giveCoupon(shop.database, userId);
    const { place, statements } = placing(shop.database.url);
    const aboutCoupons = () => statements.filter((sql) => sql.includes('coupons')).length;
    expect(await place(userId, undefined, 'without')).to.include({ code: 'placed' });
    expect(aboutCoupons()).to.equal(0);
    expect(await place(userId, userCouponId, 'with')).to.include({ code: 'placed' });
    expect(aboutCoupons()).to.equal(4);
    expect(await place(userId, userCouponId, 'with')).to.include({ code: 'placed', replayed: true });
    // The coupon's query shares the round trip of the key lookup.
    expect(aboutCoupons()).to.equal(5);
    expect(statements.filter((sql) => /coupons.*(UPDATE|SHARE MODE)/s.test(sql)).length).to.equal(2);
  });
});
