import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('the wallet', () => {
  const shop = useTestShop();
  let app: AppProcess;
  before(async () => {
    app = await shop.start(['api']);
  });

  it('charges and keeps a ledger', async () => {
    const customer = await shop.client(app).newCustomer();
    const first = await customer.charge(700);
    expect(first.status).to.equal(200);
    expect(first.body).to.include({ amount: 700, balanceAfter: 700, balanceSeq: 1 });
    await customer.charge(300);
    expect((await customer.get('/me/balance')).body).to.deep.equal({ balance: 1000, balanceSeq: 2 });
    const { data } = (await customer.get('/me/balance/entries')).body;
    expect(
      data.map(({ seq, kind, amount, balanceAfter }: Record<string, unknown>) => [
        seq,
        kind,
        amount,
        balanceAfter,
      ]),
    ).to.deep.equal([
      [2, 'CHARGE', 300, 1000],
      [1, 'CHARGE', 700, 700],
    ]);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  it('gives the same answer to the same key, and says so', async () => {
    const customer = await shop.client(app).newCustomer();
    const first = await customer.charge(50, 'same');
    const again = await customer.charge(50, 'same');
    expect(first.headers.get('idempotent-replayed')).to.equal(null);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(again.text).to.equal(first.text);
    expect((await customer.get('/me/balance')).body.balance).to.equal(50);
  });

  it('refuses a key with another amount and leaves the balance alone', async () => {
    const customer = await shop.client(app).newCustomer();
    await customer.charge(50, 'same');
    const other = await customer.charge(51, 'same');
    expect(other.status).to.equal(422);
    expect(other.body.code).to.equal('idempotency_key_reused');
    expect((await customer.get('/me/balance')).body).to.deep.equal({ balance: 50, balanceSeq: 1 });
  });

  it('keeps the keys of two users apart', async () => {
    const [one, other] = await Promise.all([shop.client(app).newCustomer(), shop.client(app).newCustomer()]);
    expect((await one.charge(10, 'shared')).status).to.equal(200);
    expect((await other.charge(20, 'shared')).body.balanceAfter).to.equal(20);
  });

  it('requires a key', async () => {
    const customer = await shop.client(app).newCustomer();
    const reply = await customer.post('/me/balance/charges', { amount: 1 });
    expect(reply.status).to.equal(400);
    expect(reply.body.code).to.equal('idempotency_key_missing');
  });

  it('charges once a key when two processes get every key at the same moment', async () => {
    const second = await shop.start(['api']);
    const customer = await shop.client(app).newCustomer();
    const urls = [app.url, second.url];
    // Both processes have their connections open before the storm.
    await Promise.all(urls.map((url) => customer.at(url).charge(1)));
    const keys = Array.from({ length: 25 }, (_, index) => `storm-${index}`);
    let busyCount = 0;
    const insist = (url: string, key: string) =>
      until(`the charge ${key} is answered`, async () => {
        const reply = await customer.at(url).charge(9, key);
        if (reply.body.code !== 'busy_retry') return reply;
        busyCount += 1;
        return undefined;
      });
    const pairs = await Promise.all(keys.map((key) => Promise.all(urls.map((url) => insist(url, key)))));
    // A busy machine rejects some with busy_retry. Those were not executed.
    expect(busyCount, 'turned away').to.be.lessThan(keys.length);
    for (const pair of pairs) {
      expect(pair.map(({ status }) => status)).to.deep.equal([200, 200]);
      expect(pair[0]?.text).to.equal(pair[1]?.text);
      expect(pair.filter(({ headers }) => headers.get('idempotent-replayed') === null)).to.have.lengthOf(1);
    }
    const expected = { balance: 2 + 9 * keys.length, balanceSeq: 2 + keys.length };
    expect((await customer.get('/me/balance')).body).to.deep.equal(expected);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    await second.stop();
  });

  it('pages through the ledger without a gap or a repetition while it grows', async () => {
    const customer = await shop.client(app).newCustomer();
    for (let charge = 1; charge <= 5; charge += 1) await customer.charge(charge);
    const first = (await customer.get('/me/balance/entries?limit=2')).body;
    await customer.charge(6);
    const second = (await customer.get(`/me/balance/entries?limit=2&cursor=${first.nextCursor}`)).body;
    const third = (await customer.get(`/me/balance/entries?limit=2&cursor=${second.nextCursor}`)).body;
    const seqs = [first, second, third].flatMap(({ data }) => data.map(({ seq }: { seq: number }) => seq));
    expect(seqs).to.deep.equal([5, 4, 3, 2, 1]);
    expect(third.nextCursor).to.equal(null);
  });

  it("shows nobody else's ledger", async () => {
    const [one, other] = await Promise.all([
      shop.client(app).newCustomer(10),
      shop.client(app).newCustomer(),
    ]);
    expect((await one.get('/me/balance/entries')).body.data).to.have.lengthOf(1);
    expect((await other.get('/me/balance/entries')).body.data).to.deep.equal([]);
  });
});
