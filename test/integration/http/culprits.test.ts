import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { giveCoupon } from '../../support/shop/user-coupons.ts';

const NEIGHBOURS = 24;
const ROUNDS = 12;

describe('an order with contradictory rows', function () {
  const shop = useTestShop();
  let app: AppProcess;
  let cup: string;
  let neighbours: HttpClient[];
  before(async () => {
    app = await shop.start(['api']);
    cup = await (await adminClient(shop, app)).newProduct({ price: 10, stock: 100_000 });
    neighbours = [];
    while (neighbours.length < NEIGHBOURS) neighbours.push(await shop.client(app).newCustomer(100_000));
  });

  const order = (client: HttpClient, fields: object = {}) =>
    client.post('/orders', { items: [{ productId: cup, quantity: 1 }], ...fields }, { key: randomUUID() });

  /** Sends the culprit's order repeatedly beside its neighbours' orders; returns how their orders ended. */
  async function beside(orderOfCulprit: () => ReturnType<typeof order>) {
    const culprit: number[] = [];
    const others: number[] = [];
    const over = new AbortController();
    let served = 0;
    await Promise.all([
      ...neighbours.map(async (client) => {
        for (let round = 0; round < ROUNDS; round += 1) others.push((await order(client)).status);
        served += 1;
        if (served === NEIGHBOURS) over.abort();
      }),
      ...Array.from({ length: 4 }, async () => {
        do culprit.push((await orderOfCulprit()).status);
        while (!over.signal.aborted);
      }),
    ]);
    return { culprit, others };
  }

  it('fails alone when its user has no wallet, and does not delay the others', async () => {
    const owner = await shop.client(app).newCustomer(0);
    const { id } = (await owner.get('/me')).body;
    await shop.database.write('DELETE FROM wallet_entries WHERE user_id = ?', [uuidBytes(id)]);
    await shop.database.write('DELETE FROM wallets WHERE user_id = ?', [uuidBytes(id)]);
    const { culprit, others } = await beside(() => order(owner));
    expect(new Set(culprit)).to.deep.equal(new Set([500]));
    expect(others).to.have.lengthOf(NEIGHBOURS * ROUNDS);
    expect(new Set(others)).to.deep.equal(new Set([200]));
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    const crash = await app.waitForLog('request_crashed');
    // The order was evaluated beside its neighbours: the group was not retried for it.
    expect(JSON.stringify(crash)).to.include('an order could not be evaluated');
    expect(JSON.stringify(crash)).to.include('the wallet of an order was not read');
  });

  it('is rejected when the definition of its coupon is missing', async () => {
    const owner = await shop.client(app).newCustomer(100_000);
    const { id } = (await owner.get('/me')).body;
    const userCouponId = await giveCoupon(shop.database, id);
    await shop.database.write(
      'DELETE FROM coupons WHERE id = (SELECT coupon_id FROM user_coupons WHERE id = ?)',
      [uuidBytes(userCouponId)],
    );
    const reply = await order(owner, { userCouponId });
    expect(reply.status, reply.text).to.equal(409);
    expect(reply.body).to.include({ code: 'coupon_not_usable', reason: 'not_found' });
  });
});
