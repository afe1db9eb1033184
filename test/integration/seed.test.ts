import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseConfig } from '../../app/config.ts';
import { demoAccounts } from '../../scripts/seed/demo-accounts.ts';
import { seedDemoShop } from '../../scripts/seed/seed-demo-shop.ts';
import { onCleanup } from '../support/cleanup.ts';
import { ledgerFaults } from '../support/ledger-faults.ts';
import { useTestShop } from '../support/test-shop.ts';

describe('the demo shop', () => {
  const shop = useTestShop();

  it('is seeded once, however often, and sells', async function () {
    this.timeout(60_000);
    const cacheDir = await mkdtemp(join(tmpdir(), 'rowlock-seed-'));
    onCleanup(() => rm(cacheDir, { recursive: true, force: true }));
    const env = { ...shop.env, STAGE: 'local' };
    const previous = { id: process.env['AWS_ACCESS_KEY_ID'], secret: process.env['AWS_SECRET_ACCESS_KEY'] };
    // The SDK looks for credentials here, as it does in `node scripts/seed.ts`.
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
    onCleanup(() => {
      for (const [name, value] of [
        ['AWS_ACCESS_KEY_ID', previous.id],
        ['AWS_SECRET_ACCESS_KEY', previous.secret],
      ] as const) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    });
    const seed = () => seedDemoShop({ config: parseConfig(env), cacheDir, print: () => undefined });
    await seed();
    await seed();
    expect(await shop.database.value('SELECT COUNT(*) FROM products')).to.equal(100);
    expect(await shop.database.value('SELECT COUNT(*) FROM users')).to.equal(
      Object.keys(demoAccounts).length,
    );
    expect(await shop.database.value("SELECT COUNT(*) FROM wallet_entries WHERE kind = 'CHARGE'")).to.equal(
      1,
    );
    expect(await shop.database.value('SELECT COUNT(*) FROM coupons')).to.equal(2);
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);

    const app = await shop.start(['api']);
    const { data } = (await shop.client(app).get('/products?limit=100')).body;
    expect(data).to.have.lengthOf(100);
    for (const product of data) expect(product.images).to.have.lengthOf(1);
    const picture = await fetch(data[0].images[0].url);
    expect(picture.headers.get('content-type')).to.equal('image/webp');
    const { email, password } = demoAccounts.customer;
    const customer = await shop.client(app).logIn({ email, password });
    const affordable = data.find(
      ({ price, stock }: { price: number; stock: number }) => stock > 0 && price <= 1_000_000,
    );
    expect((await customer.postOrder([{ productId: affordable.id, quantity: 1 }])).status).to.equal(200);
    const [welcome] = (await customer.get('/coupons')).body.data;
    expect((await customer.post(`/coupons/${welcome.id}/issue`)).status).to.equal(201);
  });

  it('refuses any stage but local: its passwords are public', async () => {
    const config = parseConfig({ ...shop.env, STAGE: 'production' });
    const refusal = await seedDemoShop({ config, cacheDir: tmpdir(), print: () => undefined }).catch(String);
    expect(refusal).to.include('STAGE=local');
  });
});
