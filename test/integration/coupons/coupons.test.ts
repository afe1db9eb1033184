import { expect } from 'chai';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { arriveAt, openBarrier } from '../../support/barrier.ts';
import { createCustomers } from '../../support/shop/create-customers.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';

const HOUR_MS = 3_600_000;
const CLAIMS = 64;

describe('coupons', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let other: AppProcess;
  let admin: AdminClient;
  before(async () => {
    [app, other] = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    admin = await adminClient(shop, app);
  });
  afterEach(async () => expect(await ledgerFaults(shop.database)).to.deep.equal([]));

  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
  const body = (fields: object = {}) => ({
    name: 'Spring',
    discount: { kind: 'FIXED', amount: 500 },
    minimumOrder: 1000,
    quantity: 10,
    validFrom: at(-1),
    validUntil: at(1),
    ...fields,
  });
  const newCoupon = async (fields: object = {}) => {
    const reply = await admin.post('/admin/coupons', body(fields));
    expect(reply.status, reply.text).to.equal(201);
    return reply.body.id as string;
  };
  const customers = async (count: number) =>
    (await createCustomers({ database: shop.database, redis: shop.redis }, count, 0)).map((customer) => ({
      ...customer,
      ...shop.client(app).withToken(customer.token),
    }));

  it('are created by an admin, listed publicly while available, and used in an order', async () => {
    const percent = { kind: 'PERCENT', percent: 10, max: 50 };
    const wanted = body({ discount: percent, quantity: 1 });
    const created = await admin.post('/admin/coupons', wanted);
    expect(created.status, created.text).to.equal(201);
    const { id: couponId, createdAt, ...terms } = created.body;
    expect(terms).to.deep.equal({ ...wanted, left: 1, status: 'ACTIVE', stoppedAt: null });
    expect(Date.parse(createdAt)).to.be.closeTo(Date.now(), 60_000);
    const visitor = shop.client(app);
    const listed = async () => (await visitor.get('/coupons')).body.data.map(({ id }: { id: string }) => id);
    expect(await listed()).to.include(couponId);

    const customer = await visitor.newCustomer(2000);
    const issued = await customer.post(`/coupons/${couponId}/issue`);
    expect(issued.status, issued.text).to.equal(201);
    expect(issued.body).to.deep.include({
      couponId,
      name: 'Spring',
      discount: percent,
      minimumOrder: 1000,
      status: 'ISSUED',
      orderId: null,
    });
    expect((await customer.get('/me/coupons')).body).to.deep.equal({ data: [issued.body], nextCursor: null });
    expect(await listed()).not.to.include(couponId);
    expect((await admin.get('/admin/coupons?limit=1')).body.data[0]).to.deep.include({
      id: couponId,
      left: 0,
    });

    const cup = await admin.newProduct({ price: 1000, stock: 1 });
    const order = await customer.post(
      '/orders',
      { items: [{ productId: cup, quantity: 1 }], userCouponId: issued.body.id },
      { key: 'with-coupon' },
    );
    expect(order.body).to.include({ subtotal: 1000, discount: 50, total: 950 });
    expect((await customer.get('/me/coupons')).body.data[0]).to.deep.include({
      status: 'USED',
      orderId: order.body.id,
    });
  });

  it('name the coupon of a user who already has one, on every process, even the last', async () => {
    const couponId = await newCoupon({ quantity: 1 });
    const [customer, latecomer] = await customers(2);
    const first = await customer?.post(`/coupons/${couponId}/issue`);
    for (const { url } of [app, other]) {
      const again = await customer?.at(url).post(`/coupons/${couponId}/issue`);
      expect(again?.status).to.equal(409);
      expect(again?.body).to.include({ code: 'coupon_already_issued', userCouponId: first?.body.id });
      const late = await latecomer?.at(url).post(`/coupons/${couponId}/issue`);
      expect(late?.body.code).to.equal('coupon_sold_out');
    }
  });

  it('are rejected outside their window, and when none is left', async () => {
    const early = await newCoupon({ validFrom: at(0.5) });
    const late = await newCoupon({ validFrom: at(-2), validUntil: at(-1) });
    const [customer] = await customers(1);
    const codeOf = async (couponId: string) => {
      const { status, body } = (await customer?.post(`/coupons/${couponId}/issue`)) ?? {
        status: 0,
        body: {},
      };
      return [status, body.code, body.reason];
    };
    expect(await codeOf(early)).to.deep.equal([409, 'coupon_not_usable', 'not_yet_valid']);
    expect(await codeOf(late)).to.deep.equal([409, 'coupon_not_usable', 'expired']);
    expect(await codeOf(newUuid())).to.deep.equal([404, 'coupon_not_found', undefined]);
    const open = (await shop.client(app).get('/coupons?limit=100')).body.data as { id: string }[];
    expect(open.map(({ id }) => id)).not.to.include.members([early]);
    expect(open.map(({ id }) => id)).not.to.include.members([late]);
    const reply = await admin.post('/admin/coupons', body({ validFrom: at(1), validUntil: at(1 - 1e-9) }));
    expect(reply.body.errors[0].pointer).to.equal('body/validUntil');
    const unread = await admin.post('/admin/coupons', body({ validFrom: 'tomorrow', validUntil: at(1) }));
    const pointers = unread.body.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).to.deep.equal(['body/validFrom']);
  });

  it('are shown to their holder as expired after their window', async () => {
    const couponId = await newCoupon();
    const [customer] = await customers(1);
    await customer?.post(`/coupons/${couponId}/issue`);
    await shop.database.write('UPDATE coupons SET valid_until = NOW(3) WHERE id = ?', [uuidBytes(couponId)]);
    expect((await customer?.get('/me/coupons'))?.body.data[0].status).to.equal('EXPIRED');
  });

  it('are listed page by page', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.unshift(await newCoupon());
    const [customer] = await customers(1);
    for (const id of ids.toReversed()) await customer?.post(`/coupons/${id}/issue`);
    for (const [client, path, name] of [
      [admin, '/admin/coupons', 'id'],
      [customer, '/me/coupons', 'couponId'],
    ] as const) {
      const first = (await client?.get(`${path}?limit=3`))?.body;
      const second = (await client?.get(`${path}?limit=2&cursor=${first.nextCursor}`))?.body;
      const found = [...first.data, ...second.data].map((row: Record<string, string>) => row[name]);
      expect(found, path).to.deep.equal(ids);
    }
    // Coupons that end first come first, and each of these was created to end a little later.
    const open: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { data: { id: string }[]; nextCursor: string | null } = (
        await shop.client(app).get(`/coupons?limit=3${cursor && `&cursor=${cursor}`}`)
      ).body;
      open.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(open.filter((id) => ids.includes(id))).to.deep.equal(ids.toReversed());
  });

  it('give the last one to one of 64 concurrent claimers on two processes', async () => {
    const couponId = await newCoupon({ quantity: 1 });
    const buyers = await customers(CLAIMS);
    const barrier = await openBarrier(CLAIMS);
    const replies = await Promise.all(
      buyers.map(async (buyer, index) => {
        await arriveAt(barrier.port);
        return insistOnBusyMachine(() =>
          buyer.at(index % 2 ? app.url : other.url).post(`/coupons/${couponId}/issue`),
        );
      }),
    );
    expect(replies.filter(({ status }) => status === 201)).to.have.lengthOf(1);
    expect(replies.filter(({ body }) => body.code === 'coupon_sold_out')).to.have.lengthOf(CLAIMS - 1);
  });

  it('are limited to one per user, even with 64 concurrent claims on two processes', async () => {
    const couponId = await newCoupon({ quantity: 100 });
    const [buyer] = await customers(1);
    const barrier = await openBarrier(CLAIMS);
    const replies = await Promise.all(
      Array.from({ length: CLAIMS }, async (_, index) => {
        await arriveAt(barrier.port);
        return insistOnBusyMachine(() =>
          buyer!.at(index % 2 ? app.url : other.url).post(`/coupons/${couponId}/issue`),
        );
      }),
    );
    const issued = replies.filter((reply) => reply?.status === 201);
    expect(issued).to.have.lengthOf(1);
    const refused = replies.filter((reply) => reply?.body.userCouponId === issued[0]?.body.id);
    expect(refused).to.have.lengthOf(CLAIMS - 1);
  });
});
