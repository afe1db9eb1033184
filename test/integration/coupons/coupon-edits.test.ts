import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { createCustomers } from '../../support/shop/create-customers.ts';
import { expectProblem } from '../../support/http/expect-problem.ts';
import type { HttpClient, HttpReply } from '../../support/shop/http-client.ts';
import { insist } from '../../support/shop/insist.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { giveCoupon } from '../../support/shop/user-coupons.ts';

const SHOPPERS = 30;
/** Longest time until another process notices a stop or an edit. */
const NOTICED_MS = 1000;

describe('coupons that an admin stops or edits', () => {
  const shop = useTestShop();
  let apps: [AppProcess, AppProcess];
  let admin: AdminClient;
  let cup: string;
  before(async () => {
    apps = [await shop.start(['api']), await shop.start(['api'])];
    admin = await adminClient(shop, apps[0]);
    cup = await admin.newProduct({ price: 1000, stock: 100_000 });
  });
  afterEach(async () => {
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await used('u.used_at > c.stopped_at OR u.issued_at > c.stopped_at'), 'after the stop').to.equal(
      0,
    );
  });

  const used = (condition: string) =>
    shop.database.value(
      `SELECT COUNT(*) FROM user_coupons u JOIN coupons c ON c.id = u.coupon_id WHERE ${condition}`,
    );
  const fields = {
    name: 'Spring',
    discount: { kind: 'FIXED', amount: 500 },
    minimumOrder: 0,
    quantity: 10,
    validFrom: '2026-01-01T00:00:00Z',
    validUntil: '2099-01-01T00:00:00Z',
  };
  const newCoupon = async (changes: object = {}): Promise<string> => {
    const reply = await admin.post('/admin/coupons', { ...fields, ...changes });
    expect(reply.status, reply.text).to.equal(201);
    expect(reply.headers.get('etag')).to.equal('"v1"');
    return reply.body.id as string;
  };
  const edit = (couponId: string, changes: object, ifMatch = '*') =>
    admin.request('PUT', `/admin/coupons/${couponId}`, {
      body: { ...fields, status: 'ACTIVE', ...changes },
      headers: { 'If-Match': ifMatch },
    });
  const stop = (couponId: string, app = apps[0]) => admin.at(app.url).post(`/admin/coupons/${couponId}/stop`);
  const claim = (customer: HttpClient, couponId: string, app = apps[0]) =>
    customer.at(app.url).post(`/coupons/${couponId}/issue`);
  const order = (customer: HttpClient, userCouponId: string, app = apps[0], key: string = newUuid()) =>
    customer.at(app.url).post('/orders', { items: [{ productId: cup, quantity: 1 }], userCouponId }, { key });
  const outcome = ({ body }: HttpReply) => [body.code, body.reason];
  const customers = async (count: number) =>
    (await createCustomers(shop, count, 100_000)).map(({ userId, token }) => ({
      userId,
      client: shop.client(apps[0]).withToken(token),
    }));
  const stopped = ['coupon_not_usable', 'stopped'];

  it('cannot be claimed, used or listed after a stop, on any process', async () => {
    const couponId = await newCoupon();
    const [holder, latecomer] = await customers(2);
    const inHand = (await claim(holder!.client, couponId)).body.id as string;
    // Both processes have the coupon cached now.
    await claim(holder!.client, couponId, apps[1]);

    const reply = await stop(couponId);
    expect(reply.status, reply.text).to.equal(200);
    expect(reply.body).to.include({ status: 'STOPPED', left: 9 });
    expect(reply.headers.get('etag')).to.equal('"v2"');
    for (const app of apps) {
      expect(outcome(await claim(latecomer!.client, couponId, app))).to.deep.equal(stopped);
      expect(outcome(await order(holder!.client, inHand, app))).to.deep.equal(stopped);
    }
    expect((await holder!.client.get('/me/coupons')).body.data[0]).to.include({ status: 'STOPPED' });
    const open = (await shop.client(apps[1]).get('/coupons?limit=100')).body.data as { id: string }[];
    expect(open.map(({ id }) => id)).not.to.include(couponId);
    expect((await stop(couponId)).body, 'once more').to.deep.equal(reply.body);
    expectProblem(await stop(newUuid()), 404, 'coupon_not_found');

    // Only an edit reactivates the coupon; the coupons that customers hold are then valid again.
    expect((await edit(couponId, {}, '"v2"')).body).to.include({ status: 'ACTIVE', stoppedAt: null });
    expect((await order(holder!.client, inHand)).status).to.equal(200);
    await until(
      'the other process notices',
      async () => (await claim(latecomer!.client, couponId, apps[1])).status === 201,
      {
        timeoutMs: 2 * NOTICED_MS,
      },
    );
  });

  it('are stopped after the orders that were decided before', async () => {
    const [holder] = await customers(1);
    const inHand = await giveCoupon(shop.database, holder!.userId);
    const couponId = (await admin.get('/admin/coupons?limit=1')).body.data[0].id as string;
    const connection = await createConnection({ uri: shop.database.url });
    onCleanup(() => connection.destroy());
    await connection.query('START TRANSACTION');
    await connection.query('SELECT * FROM user_coupons WHERE id = ? FOR UPDATE', [uuidBytes(inHand)]);
    const waiting = (table: string) => async () => {
      const count = await shop.database.value(
        `SELECT COUNT(*) FROM information_schema.innodb_trx ` +
          "WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE ?",
        [`%FROM ${table} FORCE INDEX%`],
      );
      return count > 0;
    };

    // The order has read the coupon and waits for the row of the customer's coupon.
    const placed = order(holder!.client, inHand, apps[1]);
    await until('the order waits', waiting('user_coupons'), { intervalMs: 100 });
    const stopping = stop(couponId);
    await until('the stop waits', waiting('coupons'), { intervalMs: 100 });
    await connection.query('ROLLBACK');
    expect((await placed).status).to.equal(200);
    expect((await stopping).status).to.equal(200);
  });

  it('keep the terms of holders while two processes claim, order, edit and stop', async () => {
    const couponId = await newCoupon({ quantity: 1000 });
    const shoppers = await customers(SHOPPERS);
    const seen: Record<string, number> = {};
    let isStopped = false;
    const shopping = shoppers.map(async ({ client }, index) => {
      const [own, other] = index % 2 === 0 ? apps : [apps[1], apps[0]];
      const claimed = await insist(() => claim(client, couponId, own));
      if (claimed.status !== 201) {
        expect(outcome(claimed)).to.deep.equal(stopped);
        return;
      }
      // Cancelling an order returns its coupon, so each customer can order until the stop.
      for (;;) {
        const sentAfterStop = isStopped;
        const key = newUuid();
        const reply = await insist(() => order(client, claimed.body.id as string, other, key));
        const what = reply.status === 200 ? 'ordered' : String(reply.body.reason ?? reply.body.code);
        seen[what] = (seen[what] ?? 0) + 1;
        if (sentAfterStop) {
          expect(what, 'sent after the stop was acknowledged').to.equal('stopped');
          return;
        }
        if (reply.status === 200) {
          const cancel = { path: `/orders/${reply.body.id}/cancel`, key: newUuid() };
          const cancelled = await insist(() => client.request('POST', cancel.path, { key: cancel.key }));
          expect(cancelled.status, cancelled.text).to.equal(200);
        }
      }
    });
    await until('orders arrive', () => (seen['ordered'] ?? 0) > SHOPPERS, {
      progress: () => seen['ordered'],
    });
    for (let quantity = 1001; quantity < 1010; quantity += 1) {
      const { status, text } = await insist(() => edit(couponId, { quantity }));
      expect(status, text).to.equal(200);
    }
    const { status, text } = await insist(() => stop(couponId, apps[1]));
    expect(status, text).to.equal(200);
    isStopped = true;
    await Promise.all(shopping);
    expect(Object.keys(seen).toSorted()).to.deep.equal(['ordered', 'stopped']);
  });

  it('are edited only with their current version', async () => {
    const couponId = await newCoupon();
    const reply = await edit(couponId, { name: 'Summer' }, '"v1"');
    expect(reply.body).to.include({ id: couponId, name: 'Summer', status: 'ACTIVE' });
    expect(reply.headers.get('etag')).to.equal('"v2"');
    expectProblem(await edit(couponId, { name: 'Autumn' }, '"v1"'), 412, 'precondition_failed');
    expect((await admin.get(`/admin/coupons/${couponId}`)).body).to.deep.equal(reply.body);
    const body = { ...fields, status: 'ACTIVE' };
    expectProblem(
      await admin.request('PUT', `/admin/coupons/${couponId}`, { body }),
      428,
      'precondition_required',
    );
    expectProblem(await edit(newUuid(), {}), 404, 'coupon_not_found');
  });

  it('keep their terms and issued number once one is issued', async () => {
    const couponId = await newCoupon();
    const [customer] = await customers(1);
    await claim(customer!.client, couponId);
    const fixed = await edit(couponId, {
      discount: { kind: 'PERCENT', percent: 1, max: 1 },
      minimumOrder: 1,
    });
    expectProblem(fixed, 409, 'coupon_not_editable');
    expect(fixed.body).to.deep.include({ reason: 'terms_fixed', fields: ['discount', 'minimumOrder'] });
    const row = () => shop.database.read('SELECT * FROM coupons WHERE id = ?', [uuidBytes(couponId)]);
    await shop.database.write('UPDATE coupons SET quantity = 9, issued_count = 1 WHERE id = ?', [
      uuidBytes(couponId),
    ]);
    const before = await row();
    expectProblem(await edit(couponId, { validUntil: '2098-01-01T00:00:00Z' }), 409, 'coupon_not_editable');
    expect(await row(), 'nothing is written').to.deep.equal(before);
  });

  it('are issued up to a lower or higher quantity, on every process, also after "sold out"', async () => {
    const couponId = await newCoupon({ quantity: 5 });
    const crowd = await customers(12);
    const claimAll = (from: number, to: number) =>
      Promise.all(
        crowd
          .slice(from, to)
          .map(({ client }, index) => claim(client, couponId, apps[index % 2 === 0 ? 0 : 1])),
      );
    expect((await claimAll(0, 2)).map(({ status }) => status)).to.deep.equal([201, 201]);
    const refused = await edit(couponId, { quantity: 1 });
    expect(refused.body).to.include({
      code: 'coupon_not_editable',
      reason: 'quantity_below_issued',
      issued: 2,
    });
    expect((await edit(couponId, { quantity: 3 })).body).to.include({ quantity: 3, left: 1 });
    const codes = (await claimAll(2, 6)).map(({ body }) => String(body.code ?? 'issued'));
    expect(codes).to.have.members(['coupon_sold_out', 'coupon_sold_out', 'coupon_sold_out', 'issued']);

    await edit(couponId, { quantity: 5 });
    for (const [index, app] of apps.entries()) {
      await until(
        'the higher quantity is noticed',
        async () => (await claim(crowd[8 + index]!.client, couponId, app)).status === 201,
        { timeoutMs: 2 * NOTICED_MS },
      );
    }
    expect((await claim(crowd[11]!.client, couponId)).body.code).to.equal('coupon_sold_out');
    expect(
      await shop.database.value('SELECT issued_count FROM coupons WHERE id = ?', [uuidBytes(couponId)]),
    ).to.equal(5);
  });
});
