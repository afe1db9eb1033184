import { expect } from 'chai';
import { newUuid } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('the catalogue as a cache may store it', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  it('is the same for every caller, according to its headers', async () => {
    const id = await admin.newProduct();
    const customer = await shop.client(app).newCustomer();
    for (const path of ['/products?sort=name', `/products/${id}`]) {
      const replies = [
        await shop.client(app).get(path),
        await customer.get(path),
        await shop.client(app).get(path, { headers: { Authorization: 'Bearer nonsense' } }),
        await shop.client(app).get(path, { headers: { Cookie: `rowlock_session=${'A'.repeat(43)}` } }),
        await shop
          .client(app)
          .get(path, { headers: { 'Accept-Language': 'ko', Origin: 'https://a.example' } }),
      ];
      expect(new Set(replies.map(({ text }) => text)).size).to.equal(1);
      for (const { status, headers } of replies) {
        expect(status).to.equal(200);
        expect(headers.get('cache-control')).to.equal('public, max-age=0, s-maxage=5');
        expect(headers.get('etag')).to.equal(replies[0]?.headers.get('etag'));
        expect(headers.get('vary')).to.equal(null);
        expect(headers.get('set-cookie')).to.equal(null);
      }
    }
  });

  it('is not sent again to a client that has it', async () => {
    const id = await admin.newProduct();
    for (const path of ['/products', `/products/${id}`]) {
      const first = await shop.client(app).get(path);
      const etag = first.headers.get('etag') as string;
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await shop.client(app).get(path, { headers: { 'If-None-Match': known } });
        expect(again.status, known).to.equal(304);
        expect(again.text).to.equal('');
        expect(again.headers.get('etag')).to.equal(etag);
        expect(again.headers.get('cache-control')).to.equal(first.headers.get('cache-control'));
        expect(again.headers.get('content-type')).to.equal(null);
      }
      await admin.post(`/admin/products/${id}/stock-adjustments`, { delta: 1, reason: 'found' });
      const changed = await shop.client(app).get(path, { headers: { 'If-None-Match': etag } });
      expect(changed.status).to.equal(200);
      expect(changed.headers.get('etag')).not.to.equal(etag);
    }
  });

  it('is not cached when it is unavailable', async () => {
    const { status, headers } = await shop.client(app).get(`/products/${newUuid()}`);
    expect(status).to.equal(404);
    expect(headers.get('cache-control')).to.equal('no-store');
    expect((await shop.client(app).get('/products?limit=0')).headers.get('cache-control')).to.equal(
      'no-store',
    );
  });
});
