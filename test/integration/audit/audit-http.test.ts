import { expect } from 'chai';
import { auditChecks } from '../../../app/audit/audit-checks.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

describe('GET /admin/audit', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api'], { env: { RELAY_GRACE_MS: '60000' } });
    admin = await adminClient(shop, app);
  });

  it('is for admins only', async () => {
    const customer = await shop.client(app).newCustomer();
    expect((await customer.get('/admin/audit')).body.code).to.equal('forbidden');
    expect((await shop.client(app).get('/admin/audit')).body.code).to.equal('unauthenticated');
  });

  it('reports what was checked, what is in transit and which row breaks which rule', async () => {
    const cup = await admin.newProduct({ price: 10, stock: 5 });
    const customer = await shop.client(app).newCustomer(100);
    expect((await customer.postOrder([{ productId: cup, quantity: 1 }])).status).to.equal(200);
    const clean = await admin.get('/admin/audit');
    expect(clean.status).to.equal(200);
    expect(clean.headers.get('cache-control')).to.equal('no-store');
    expect(clean.body).to.deep.include({ mode: 'full', isClean: true, breaks: [] });
    expect(clean.body.checked).to.include({ products: 1, stockChanges: 2, orders: 1 });

    await shop.database.write('UPDATE product_stock SET quantity = 5 WHERE product_id = ?', [uuidBytes(cup)]);
    const broken = await admin.get('/admin/audit?mode=incremental');
    expect(broken.body).to.deep.include({ mode: 'incremental', isClean: false });
    expect(broken.body.breaks).to.deep.equal([
      {
        check: 'stock_head',
        holds: auditChecks.stock_head.holds,
        idOf: 'product',
        total: 1,
        rows: [{ id: cup, detail: 'quantity 5 at version 2; its last change is seq 2 with 4 after it' }],
      },
    ]);
    await shop.database.write('UPDATE product_stock SET quantity = 4 WHERE product_id = ?', [uuidBytes(cup)]);
  });

  it('runs one audit for concurrent requests', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, () => admin.get('/admin/audit')));
    expect(new Set(replies.map(({ status }) => status))).to.deep.equal(new Set([200]));
    expect(new Set(replies.map(({ body }) => body.snapshotAt)).size).to.be.at.most(3);
  });
});
