import { expect } from 'chai';
import { firstUuidAt, uuidBytes } from '../../../app/platform/uuid.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** No server listens at this URL. */
const NOWHERE = 'redis://127.0.0.1:1';

describe('work that one process does at a time, without Redis,', () => {
  const shop = useTestShop();

  it('is done anyway: the inbox is purged', async () => {
    const old = new Date(Date.now() - 60 * DAY_MS);
    await shop.database.write(
      'INSERT INTO processed_events (event_id, processed_at) VALUES (?, ?), (?, NOW(3))',
      [firstUuidAt(old), old, firstUuidAt(new Date())],
    );
    const left = () => shop.database.value('SELECT COUNT(*) FROM processed_events');
    expect(await left()).to.equal(2);
    // An empty variable counts as unset: the data platform has neither Redis nor a bucket.
    const none = { REDIS_STATE_URL: '', REDIS_CACHE_URL: '', IMAGES_BUCKET: '', IMAGES_BASE_URL: '' };
    const app = await shop.start(['data-platform'], { env: { ...none, INBOX_PURGE_EVERY_MS: '100' } });
    await until('the old row is gone', async () => (await left()) === 1);
    await app.waitForLog('inbox_purged');
    await app.stop();
  });

  it('is done anyway: the product list is reconciled and abandoned uploads are deleted', async () => {
    const api = await shop.start(['api']);
    const admin = await adminClient(shop, api);
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const announced = await admin.post(`/admin/products/${cup}/images`, {
      contentType: 'image/png',
      size: 1000,
      sha256: 'a'.repeat(64),
    });
    expect(announced.status, announced.text).to.equal(201);
    await shop.database.write('DELETE FROM product_listing WHERE product_id = ?', [uuidBytes(cup)]);
    await shop.database.write(
      "UPDATE image_jobs SET due_at = NOW(3) - INTERVAL 1 SECOND WHERE kind = 'EXPIRE'",
    );
    const worker = await shop.start(['worker'], {
      env: {
        REDIS_STATE_URL: NOWHERE,
        REDIS_CACHE_URL: NOWHERE,
        LISTING_RECONCILE_EVERY_MS: '100',
        IMAGE_SWEEP_EVERY_MS: '100',
      },
    });
    await until('the product is listed again', async () => {
      const rows = 'SELECT COUNT(*) FROM product_listing WHERE product_id = ?';
      return (await shop.database.value(rows, [uuidBytes(cup)])) === 1;
    });
    await worker.waitForLog('uploads_swept');
    await Promise.all([worker.stop(), api.stop()]);
  });
});
