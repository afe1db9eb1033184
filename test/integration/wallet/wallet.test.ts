import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { insist } from '../../support/shop/insist.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

/**
 * Lock wait from SESSION_SETTINGS of connection-pool.ts; a request also waits at most 1 s for a connection.
 */
const LOCK_WAIT_MS = 1000;

describe('the wallet', () => {
  const shop = useTestShop();
  let app: AppProcess;
  before(async () => {
    app = await shop.start(['api']);
  });

  it('records each charge in the ledger', async () => {
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

  it('returns the same response for the same key, marked as a replay', async () => {
    const customer = await shop.client(app).newCustomer();
    const first = await customer.charge(50, 'same');
    const again = await customer.charge(50, 'same');
    expect(first.headers.get('idempotent-replayed')).to.equal(null);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(again.text).to.equal(first.text);
    expect((await customer.get('/me/balance')).body.balance).to.equal(50);
  });

  it('rejects a used key with another amount and keeps the balance', async () => {
    const customer = await shop.client(app).newCustomer();
    await customer.charge(50, 'same');
    const other = await customer.charge(51, 'same');
    expect(other.status).to.equal(422);
    expect(other.body.code).to.equal('idempotency_key_reused');
    expect((await customer.get('/me/balance')).body).to.deep.equal({ balance: 50, balanceSeq: 1 });
  });

  it('has separate keys per user', async () => {
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

  it('charges once per key when two processes receive every key concurrently', async () => {
    const second = await shop.start(['api']);
    const customer = await shop.client(app).newCustomer();
    const urls = [app.url, second.url];
    // Both processes open their connections before the storm.
    await Promise.all(urls.map((url) => customer.at(url).charge(1)));
    const keys = Array.from({ length: 25 }, (_, index) => `storm-${index}`);
    const paceMs = async () => {
      const startMs = performance.now();
      for (const key of ['pace-1', 'pace-2', 'pace-3']) await customer.charge(9, key);
      return (performance.now() - startMs) / 3;
    };
    const paceBeforeMs = await paceMs();
    let busyCount = 0;
    const pairs = await Promise.all(
      keys.map((key) =>
        Promise.all(
          urls.map((url) =>
            insist(
              () => customer.at(url).charge(9, key),
              () => {
                busyCount += 1;
                return true;
              },
            ),
          ),
        ),
      ),
    );
    // All charges wait for one row. If together they fit into the 1 s of a lock wait, none is rejected.
    const stormMs = 2 * keys.length * Math.max(paceBeforeMs, await paceMs());
    if (stormMs < LOCK_WAIT_MS) expect(busyCount, 'rejected').to.equal(0);
    for (const pair of pairs) {
      expect(pair.map(({ status }) => status)).to.deep.equal([200, 200]);
      expect(pair[0]?.text).to.equal(pair[1]?.text);
      expect(pair.filter(({ headers }) => headers.get('idempotent-replayed') === null)).to.have.lengthOf(1);
    }
    const charged = keys.length + 3;
    const expected = { balance: 2 + 9 * charged, balanceSeq: 2 + charged };
    expect((await customer.get('/me/balance')).body).to.deep.equal(expected);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    await second.stop();
  });

  it('pages through a growing ledger without gaps or repetitions', async () => {
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

  it("shows no other user's ledger", async () => {
    const [one, other] = await Promise.all([
      shop.client(app).newCustomer(10),
      shop.client(app).newCustomer(),
    ]);
    expect((await one.get('/me/balance/entries')).body.data).to.have.lengthOf(1);
    expect((await other.get('/me/balance/entries')).body.data).to.deep.equal([]);
  });
});
