import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { parseSeedConfig } from '../../../app/config/read-config.ts';
import { demoAccounts } from '../../../scripts/seed/demo-accounts.ts';
import { seedDemoShop } from '../../../scripts/seed/seed-demo-shop.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { imageRows, objectsOf } from '../../support/shop/image-uploads.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('the demo shop', () => {
  const shop = useTestShop();

  it('is seeded once, even if seeded repeatedly, and sells', async function () {
    // Each step waits for progress; this limit only ends a run that hangs.
    this.timeout(300_000);
    const cacheDir = await mkdtemp(join(tmpdir(), 'rowlock-seed-'));
    onCleanup(() => rm(cacheDir, { recursive: true, force: true }));
    const env = { ...shop.env, STAGE: 'local' };
    const previous = { id: process.env['AWS_ACCESS_KEY_ID'], secret: process.env['AWS_SECRET_ACCESS_KEY'] };
    // The SDK looks for credentials here, as it does in `node scripts/seed/index.ts`.
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
    const seed = () => seedDemoShop({ config: parseSeedConfig(env), cacheDir, print: () => undefined });
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

    expect(
      await shop.database.value("SELECT COUNT(*) FROM product_images WHERE status = 'PROCESSING'"),
    ).to.equal(100);
    const app = await shop.start(['api', 'worker'], { env: { IMAGE_LANES: '2' } });
    let shownCount = 0;
    const data = await until(
      'the worker has made every picture',
      async () => {
        const products = (await shop.client(app).get('/products?limit=100')).body.data;
        shownCount = products.filter(({ images }: { images: unknown[] }) => images.length === 1).length;
        return shownCount === products.length ? products : undefined;
      },
      { timeoutMs: 20_000, intervalMs: 200, progress: () => shownCount },
    );
    expect(data).to.have.lengthOf(100);
    const picture = await fetch(data[0].images[0].url);
    expect(picture.headers.get('content-type')).to.equal('image/webp');

    // Simulate an emulator that has lost some of its objects.
    const lost = data[0].images[0].id as string;
    await Promise.all(
      (await objectsOf(shop, lost)).map((Key) =>
        shop.aws.s3.send(new DeleteObjectCommand({ Bucket: shop.aws.bucket, Key })),
      ),
    );
    expect((await seed()).uploadedCount).to.equal(1);
    await until('the three files are restored', async () => (await objectsOf(shop, lost)).length === 3);
    await until("the image's work is done", async () => (await imageRows(shop, lost))?.kind === null);
    expect((await seed()).uploadedCount).to.equal(0);
    const { email, password } = demoAccounts.customer;
    const customer = await shop.client(app).logIn({ email, password });
    const affordable = data.find(
      ({ price, stock }: { price: number; stock: number }) => stock > 0 && price <= 1_000_000,
    );
    expect((await customer.postOrder([{ productId: affordable.id, quantity: 1 }])).status).to.equal(200);
    const [welcome] = (await customer.get('/coupons')).body.data;
    expect((await customer.post(`/coupons/${welcome.id}/issue`)).status).to.equal(201);
  });

  it('rejects any stage but local, because its passwords are public', async () => {
    const config = parseSeedConfig({ ...shop.env, STAGE: 'production' });
    const refusal = await seedDemoShop({ config, cacheDir: tmpdir(), print: () => undefined }).catch(String);
    expect(refusal).to.include('STAGE=local');
  });
});
