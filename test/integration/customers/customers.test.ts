import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { newUuid } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { ledgerFaults, statisticsFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { giveCoupon } from '../../support/shop/user-coupons.ts';

describe('customers, for operators,', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  const emails = ['ann@example.com', 'anna@example.com', 'bob@example.com'];
  const customers: (HttpClient & { readonly userId: string })[] = [];

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    for (const email of emails) {
      const { id: userId, ...credentials } = await shop.client(app).signUp({ email });
      customers.push({ ...(await shop.client(app).logIn(credentials)), userId });
    }
  });

  it('are found by the beginning of the address, page by page', async () => {
    const found = async (query: string) =>
      (await admin.get(`/admin/customers?${query}`)).body.data.map(({ email }: { email: string }) => email);
    expect(await found('email=ANN')).to.deep.equal(['ann@example.com', 'anna@example.com']);
    expect(await found('email=ann@example.com')).to.deep.equal(['ann@example.com']);
    expect(await found('email=zzz')).to.deep.equal([]);
    // A wildcard of SQL is a character like any other.
    expect(await found('email=%25')).to.deep.equal([]);
    expect(await found('email=_')).to.deep.equal([]);
    const first = (await admin.get('/admin/customers?email=ann&limit=1')).body;
    expect(await found(`email=ann&limit=1&cursor=${first.nextCursor}`)).to.deep.equal(['anna@example.com']);
  });

  it('are shown with balance, ledger, coupons and orders, and pages to follow', async () => {
    const [customer] = customers as [(typeof customers)[number]];
    const cup = await admin.newProduct({ price: 10, stock: 100 });
    for (let count = 0; count < 22; count += 1) await customer.charge(100);
    await giveCoupon(shop.database, customer.userId);
    const order = (await customer.postOrder([{ productId: cup, quantity: 1 }])).body;
    const path = `/admin/customers/${customer.userId}`;
    const { status, body } = await admin.get(path);
    expect(status).to.equal(200);
    expect(body).to.include({ email: 'ann@example.com', role: 'customer', balance: 2190, balanceSeq: 23 });
    expect(body.ledger.data).to.have.lengthOf(20);
    expect(body.ledger.data[0]).to.deep.include({ seq: 23, kind: 'PAYMENT', orderId: order.id });
    expect(body.coupons.data).to.have.lengthOf(1);
    expect(body.orders.data.map(({ id }: { id: string }) => id)).to.deep.equal([order.id]);
    const more = (await admin.get(`${path}/entries?cursor=${body.ledger.nextCursor}`)).body;
    expect(more.data.map(({ seq }: { seq: number }) => seq)).to.deep.equal([3, 2, 1]);
    expect((await admin.get(`${path}/coupons`)).body.data).to.deep.equal(body.coupons.data);
    expect((await admin.get(`/admin/customers/${newUuid()}`)).body.code).to.equal('customer_not_found');
  });
});

describe('a balance that an owner adjusts', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let owner: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    owner = await adminClient(shop, app);
  });

  const adjust = (userId: string, amount: number, key: string = randomUUID(), by: HttpClient = owner) =>
    by.post(`/admin/customers/${userId}/balance-adjustments`, { amount, reason: 'goodwill' }, { key });

  it('changes by the amount, as an entry of the ledger and in the trail', async () => {
    const customer = await shop.client(app).newCustomer(1000);
    const added = await adjust(customer.userId, 500);
    expect(added.body).to.include({ amount: 500, balanceAfter: 1500, balanceSeq: 2 });
    expect((await adjust(customer.userId, -1500)).body).to.include({ balanceAfter: 0, balanceSeq: 3 });
    const { data } = (await customer.get('/me/balance/entries')).body;
    expect(data[1]).to.deep.include({ seq: 2, kind: 'ADJUSTMENT', amount: 500, orderId: null });
    const [, action] = (await owner.get(`/admin/actions?targetId=${customer.userId}`)).body.data;
    expect(action).to.deep.include({
      action: 'balance_adjusted',
      before: { balance: 1000, balanceSeq: 1 },
      after: { balance: 1500, balanceSeq: 2 },
      reason: 'goodwill',
    });
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    expect(await statisticsFaults(shop.database)).to.deep.equal([]);
  });

  it('never becomes negative', async () => {
    const customer = await shop.client(app).newCustomer(100);
    const refused = await adjust(customer.userId, -101);
    expect([refused.status, refused.body.code, refused.body.balance]).to.deep.equal([
      409,
      'insufficient_balance',
      100,
    ]);
    const racing = await Promise.all([1, 2, 3].map(() => adjust(customer.userId, -60)));
    expect(racing.map(({ status }) => status)).to.have.members([200, 409, 409]);
    expect((await customer.get('/me/balance')).body.balance).to.equal(40);
  });

  it('changes once per key, and a key has one meaning', async () => {
    const customer = await shop.client(app).newCustomer(100);
    const key = randomUUID();
    const replies = await Promise.all([1, 2, 3].map(() => adjust(customer.userId, 50, key)));
    expect(new Set(replies.map(({ text }) => text)).size).to.equal(1);
    expect(replies.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).to.have.lengthOf(
      2,
    );
    expect((await customer.get('/me/balance')).body.balance).to.equal(150);
    expect((await adjust(customer.userId, 51, key)).status).to.equal(422);
    const another = await adminClient(shop, app);
    expect((await adjust(customer.userId, 51, key, another)).status).to.equal(200);
  });

  it('is changed by owners only, and only of accounts that exist', async () => {
    const customer = await shop.client(app).newCustomer(100);
    const operator = await adminClient(shop, app, 'operator');
    expect((await adjust(customer.userId, 50, randomUUID(), operator)).status).to.equal(403);
    expect((await adjust(newUuid(), 50)).body.code).to.equal('customer_not_found');
  });
});
