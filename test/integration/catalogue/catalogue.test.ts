import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('the catalogue', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  it('shows a product with price, stock and purchase limit', async () => {
    const id = await admin.newProduct({ name: 'Tea ☕ pot', price: 39_000, stock: 12, purchaseLimit: 2 });
    const { status, body } = await shop.client(app).get(`/products/${id}`);
    expect(status).to.equal(200);
    expect(body).to.deep.include({
      id,
      name: 'Tea ☕ pot',
      price: 39_000,
      stock: 12,
      purchaseLimit: 2,
      images: [],
    });
  });

  it('pages by key, newest first, stable while products are added', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 5; number += 1)
      ids.push(await admin.newProduct({ name: `page ${number}` }));
    const visitor = shop.client(app);
    const first = (await visitor.get('/products?limit=3')).body;
    await admin.newProduct({ name: 'added in between' });
    const second = (await visitor.get(`/products?limit=2&cursor=${first.nextCursor}`)).body;
    const listed = [...first.data, ...second.data].map(({ id }: { id: string }) => id);
    expect(listed).to.deep.equal(ids.toReversed());
  });

  it('shows each product once across pages, with nextCursor null at the end', async () => {
    const visitor = shop.client(app);
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 50; page += 1) {
      const { body } = await visitor.get(`/products?limit=2${cursor}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(seen).to.have.lengthOf(
      await shop.database.value("SELECT COUNT(*) FROM products WHERE status = 'ACTIVE'"),
    );
    expect(new Set(seen).size).to.equal(seen.length);
  });

  it('hides products that are not on sale', async () => {
    const id = await admin.newProduct();
    await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [uuidBytes(id)]);
    const detail = await shop.client(app).get(`/products/${id}`);
    expect(detail.status).to.equal(404);
    expect(detail.body.code).to.equal('product_not_found');
    const { data } = (await shop.client(app).get('/products?limit=100')).body;
    expect(data.map((product: { id: string }) => product.id)).not.to.include(id);
  });

  it('lets only admins write', async () => {
    const product = { name: 'Cup', price: 1, stock: 1 };
    expect((await shop.client(app).post('/admin/products', product)).status).to.equal(401);
    const customer = await shop.client(app).newCustomer();
    const reply = await customer.post('/admin/products', product);
    expect(reply.status).to.equal(403);
    expect(reply.body.code).to.equal('forbidden');
  });

  describe('stock adjustments', () => {
    const path = (id: string) => `/admin/products/${id}/stock-adjustments`;

    it('add and remove under the next number of the chain', async () => {
      const id = await admin.newProduct({ stock: 5 });
      const more = await admin.post(path(id), { delta: 7, reason: 'delivery' });
      expect(more.body).to.include({ productId: id, delta: 7, stock: 12, stockSeq: 2 });
      const less = await admin.post(path(id), { delta: -12, reason: 'broken' });
      expect(less.body).to.include({ stock: 0, stockSeq: 3 });
      expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    });

    it('never go below zero', async () => {
      const id = await admin.newProduct({ stock: 5 });
      const reply = await admin.post(path(id), { delta: -6, reason: 'broken' });
      expect(reply.status).to.equal(409);
      expect(reply.body).to.include({ code: 'out_of_stock', productId: id, requested: 6, available: 5 });
      expect(
        await shop.database.value('SELECT COUNT(*) FROM stock_entries WHERE product_id = ?', [uuidBytes(id)]),
      ).to.equal(1);
    });

    it('never exceed the range of the column', async () => {
      const id = await admin.newProduct({ stock: 5 });
      const reply = await admin.post(path(id), { delta: 1_000_000_000, reason: 'too much' });
      expect(reply.status).to.equal(409);
      expect(reply.body.code).to.equal('stock_too_large');
    });

    it('are applied once per key', async () => {
      const id = await admin.newProduct({ stock: 5 });
      const replies = await Promise.all(
        Array.from({ length: 8 }, () =>
          admin.post(path(id), { delta: 1, reason: 'found one' }, { key: 'adjust' }),
        ),
      );
      expect(new Set(replies.map(({ text }) => text)).size).to.equal(1);
      expect(replies.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).to.have.lengthOf(
        7,
      );
      const other = await admin.post(path(id), { delta: 2, reason: 'found one' }, { key: 'adjust' });
      expect(other.body.code).to.equal('idempotency_key_reused');
      expect((await shop.client(app).get(`/products/${id}`)).body.stock).to.equal(6);
    });

    it('of two admins have separate keys', async () => {
      const id = await admin.newProduct({ stock: 5 });
      const colleague = await adminClient(shop, app);
      for (const [sender, stock] of [
        [admin, 6],
        [colleague, 7],
      ] as const) {
        const reply = await sender.post(path(id), { delta: 1, reason: 'found one' }, { key: 'same' });
        expect([reply.status, reply.body.stock]).to.deep.equal([200, stock]);
        expect(reply.headers.get('idempotent-replayed')).to.equal(null);
      }
    });

    it('require an existing product', async () => {
      const reply = await admin.post(path('00000000-0000-7000-8000-000000000000'), { delta: 1, reason: 'x' });
      expect(reply.body.code).to.equal('product_not_found');
    });
  });
});
