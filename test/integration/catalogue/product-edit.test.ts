import { expect } from 'chai';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { HttpReply } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';

describe('a product that admins edit', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  const fields = { name: 'Pot', description: 'Round.', price: 500, status: 'ACTIVE', purchaseLimit: null };
  const put = (id: string, ifMatch: string | undefined, body: object = fields) =>
    admin.request('PUT', `/admin/products/${id}`, {
      body,
      headers: ifMatch === undefined ? {} : { 'If-Match': ifMatch },
    });
  const get = (id: string) => admin.get(`/admin/products/${id}`);

  it('is changed once by an admin who names its current version', async () => {
    const id = await admin.newProduct({ name: 'Cup', stock: 3 });
    const seen = await get(id);
    expect(seen.headers.get('etag')).to.equal('"v1"');
    expect(seen.headers.get('cache-control')).to.equal('no-store');
    expect(seen.body).to.include({ name: 'Cup', version: 1, status: 'ACTIVE', stock: 3 });
    const replies = await Promise.all([100, 200, 300].map((price) => put(id, '"v1"', { ...fields, price })));
    expect(replies.map(({ status }) => status)).to.have.members([200, 412, 412]);
    const [done] = replies.filter(({ status }) => status === 200);
    expect(done?.headers.get('etag')).to.equal('"v2"');
    expect(done?.body).to.include({ name: 'Pot', version: 2, stock: 3 });
    expect((await get(id)).body).to.deep.equal(done?.body);
    expect((await shop.client(app).get(`/products/${id}`)).body.price).to.equal(done?.body.price);
    expect((await put(id, '"v1"')).body.code).to.equal('precondition_failed');
    expect((await put(id, '"v7", "v2"')).status).to.equal(200);
    expect((await put(id, '*')).body.version).to.equal(4);
  });

  it('is not changed without a version or by a weak match', async () => {
    const id = await admin.newProduct();
    const blind = await put(id, undefined);
    expect(blind.status).to.equal(428);
    expect(blind.body.code).to.equal('precondition_required');
    for (const tag of ['W/"v1"', 'v1', '"v01"', '', '""']) {
      expect((await put(id, tag)).status, tag).to.equal(412);
    }
    expect((await get(id)).body.version).to.equal(1);
  });

  it('is always sent in full, because its version does not cover the stock', async () => {
    const id = await admin.newProduct({ stock: 1 });
    await admin.post(`/admin/products/${id}/stock-adjustments`, { delta: 1, reason: 'found' });
    const again = await admin.get(`/admin/products/${id}`, { headers: { 'If-None-Match': '"v1"' } });
    expect(again.status).to.equal(200);
    expect(again.body.stock).to.equal(2);
  });

  it('can go off sale and back, and stays visible to admins', async () => {
    const id = await admin.newProduct();
    const off = await put(id, '*', { ...fields, status: 'INACTIVE' });
    expect(off.body.status).to.equal('INACTIVE');
    expect((await shop.client(app).get(`/products/${id}`)).status).to.equal(404);
    const [first] = (await admin.get('/admin/products?limit=1')).body.data;
    expect(first).to.include({ id, status: 'INACTIVE', version: 2 });
    expect((await get(id)).status).to.equal(200);
    await put(id, '*');
    expect((await shop.client(app).get(`/products/${id}`)).status).to.equal(200);
  });

  it('is listed with all others, page by page', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const reply: HttpReply = await admin.get(`/admin/products?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...reply.body.data.map(({ id }: { id: string }) => id));
      cursor = reply.body.nextCursor;
    }
    expect(seen).to.have.lengthOf(await shop.database.value('SELECT COUNT(*) FROM products'));
    expect(seen).to.deep.equal([...new Set(seen)].toSorted().toReversed());
  });

  it('must exist, and its editor must be an admin', async () => {
    expect((await put(newUuid(), '*')).body.code).to.equal('product_not_found');
    expect((await get(newUuid())).body.code).to.equal('product_not_found');
    const id = await admin.newProduct();
    const customer = await shop.client(app).newCustomer();
    const headers = { 'If-Match': '*' };
    const reply = await customer.request('PUT', `/admin/products/${id}`, { body: fields, headers });
    expect(reply.status).to.equal(403);
    expect((await customer.get('/admin/products')).status).to.equal(403);
    expect((await shop.client(app).get(`/admin/products/${id}`)).status).to.equal(401);
  });

  it('is edited while it sells: prices and stock stay consistent', async () => {
    const id = await admin.newProduct({ price: 10, stock: 40 });
    const customer = await shop.client(app).newCustomer(100_000);
    const [orders] = await Promise.all([
      Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          insistOnBusyMachine(() =>
            customer.postOrder([{ productId: id, quantity: 1 }], { key: `order-${index}` }),
          ),
        ),
      ),
      Promise.all(Array.from({ length: 15 }, (_, price) => put(id, '*', { ...fields, price: 10 + price }))),
    ]);
    expect(orders.filter(({ status }) => status === 200)).to.have.lengthOf(40);
    const [row] = await shop.database.read(
      `SELECT l.in_stock, l.price = p.price AS same_price, l.product_version = p.version AS same_version,
         s.quantity
       FROM product_listing l JOIN products p ON p.id = l.product_id
       JOIN product_stock s ON s.product_id = p.id
       WHERE p.id = ?`,
      [uuidBytes(id)],
    );
    expect(row).to.deep.equal({ in_stock: 0, same_price: 1, same_version: 1, quantity: 0 });
  });
});
