import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { insertCoupon } from '../../support/shop/user-coupons.ts';

describe('the trail of admin actions', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  const actionsOn = async (targetId: string) =>
    (await admin.get(`/admin/actions?targetId=${targetId}`)).body.data;
  const countActions = () => shop.database.value('SELECT COUNT(*) FROM admin_actions');
  const request = { headers: { 'X-Request-Id': 'request-of-the-admin' } };
  const product = { name: 'Cup', description: '', price: 100, purchaseLimit: null };

  it('records who changed a product and its stock, with the values before and after', async () => {
    const { body: made } = await admin.post('/admin/products', { ...product, stock: 5 }, request);
    const path = `/admin/products/${made.id}`;
    const edit = { ...product, price: 120, status: 'INACTIVE' };
    await admin.request('PUT', path, { body: edit, headers: { ...request.headers, 'If-Match': '"v1"' } });
    await admin.post(`${path}/stock-adjustments`, { delta: -2, reason: 'broken' }, request);

    const [adjusted, edited, created] = await actionsOn(made.id);
    const common = {
      requestId: 'request-of-the-admin',
      target: { kind: 'product', id: made.id },
    };
    for (const action of [adjusted, edited, created]) {
      expect(action).to.deep.include(common);
      expect(action.admin.id).to.equal(admin.userId);
      expect(action.admin.email).to.match(/@example\.com$/);
    }
    expect(created).to.deep.include({ action: 'product_created', before: null, reason: null });
    const sale = { saleFrom: null, saleUntil: null };
    expect(created.after).to.deep.equal({ ...product, ...sale, status: 'ACTIVE', stock: 5 });
    expect(edited.action).to.equal('product_edited');
    expect([edited.before, edited.after]).to.deep.equal([
      { price: 100, status: 'ACTIVE' },
      { price: 120, status: 'INACTIVE' },
    ]);
    expect(adjusted).to.deep.include({
      action: 'stock_adjusted',
      before: { stock: 5, stockSeq: 1 },
      after: { stock: 3, stockSeq: 2 },
      reason: 'broken',
    });
  });

  it('records coupons, cancellations and images', async () => {
    const couponId = await insertCoupon(shop.database);
    await admin.post(`/admin/coupons/${couponId}/stop`);
    await admin.post(`/admin/coupons/${couponId}/stop`);
    const [stopped, ...repeated] = await actionsOn(couponId);
    expect(repeated, 'a stopped coupon is not stopped again').to.deep.equal([]);
    expect([stopped.action, stopped.before, stopped.after]).to.deep.equal([
      'coupon_stopped',
      { status: 'ACTIVE' },
      { status: 'STOPPED' },
    ]);

    const productId = await admin.newProduct();
    const customer = await shop.client(app).newCustomer(1000);
    const order = await customer.postOrder([{ productId, quantity: 1 }]);
    await admin.post(`/admin/orders/${order.body.id}/cancel`, { reason: 'sent back' }, { key: randomUUID() });
    expect((await actionsOn(order.body.id))[0]).to.deep.include({
      action: 'order_cancelled',
      before: { status: 'COMPLETED', customerId: customer.userId },
      after: { status: 'CANCELLED', refund: 100 },
      reason: 'sent back',
    });

    const image = { contentType: 'image/png', size: 1000, sha256: 'ab'.repeat(32) };
    const { imageId } = (await admin.post(`/admin/products/${productId}/images`, image)).body;
    await admin.request('DELETE', `/admin/images/${imageId}`);
    expect((await actionsOn(imageId)).map(({ action }: { action: string }) => action)).to.deep.equal([
      'image_removed',
      'image_announced',
    ]);
  });

  it('records nothing for a replay, for a rejected change or for a customer', async () => {
    const key = randomUUID();
    const body = { ...product, stock: 5 };
    const { id } = (await admin.post('/admin/products', body, { key })).body;
    const adjust = { delta: 1, reason: 'found' };
    const path = `/admin/products/${id}`;
    await admin.post(`${path}/stock-adjustments`, adjust, { key });
    const before = await countActions();
    expect((await admin.post('/admin/products', body, { key })).status).to.equal(201);
    expect((await admin.post(`${path}/stock-adjustments`, adjust, { key })).status).to.equal(200);
    const tooMany = { delta: -100, reason: 'lost' };
    expect((await admin.post(`${path}/stock-adjustments`, tooMany)).status).to.equal(409);
    const edit = { body: { ...product, status: 'ACTIVE' }, headers: { 'If-Match': '"v9"' } };
    expect((await admin.request('PUT', path, edit)).status).to.equal(412);
    const customer = await shop.client(app).newCustomer(1000);
    const order = await customer.postOrder([{ productId: id, quantity: 1 }]);
    await customer.post(`/orders/${order.body.id}/cancel`, undefined, { key });
    expect(await countActions()).to.equal(before);
  });

  it('and the change it records are written together or not at all', async () => {
    const products = 'SELECT COUNT(*) FROM products';
    const before = await shop.database.value(products);
    await shop.database.write('RENAME TABLE admin_actions TO admin_actions_gone');
    try {
      const reply = await admin.post('/admin/products', { ...product, stock: 5 });
      expect(reply.status).to.equal(500);
    } finally {
      await shop.database.write('RENAME TABLE admin_actions_gone TO admin_actions');
    }
    expect(await shop.database.value(products)).to.equal(before);
  });

  it('is filtered by admin and action, page by page, newest first', async () => {
    const other = await adminClient(shop, app, 'operator');
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push(await other.newProduct());
    await other.post(`/admin/products/${ids[0]}/stock-adjustments`, { delta: 1, reason: 'found' });
    const filter = `adminId=${other.userId}&action=product_created`;
    const first = (await admin.get(`/admin/actions?${filter}&limit=2`)).body;
    const second = (await admin.get(`/admin/actions?${filter}&limit=2&cursor=${first.nextCursor}`)).body;
    const targets = [...first.data, ...second.data].map(({ target }) => target.id);
    expect(targets).to.deep.equal(ids.toReversed());
    expect(second.nextCursor).to.equal(null);
    const byAdmin = (await admin.get(`/admin/actions?adminId=${other.userId}`)).body.data;
    expect(byAdmin.map(({ action }: { action: string }) => action)).to.deep.equal([
      'stock_adjusted',
      ...Array.from({ length: 3 }, () => 'product_created'),
    ]);
    const byAction = (await admin.get('/admin/actions?action=stock_adjusted')).body.data;
    expect(byAction[0]).to.deep.include({ target: { kind: 'product', id: ids[0] } });
  });
});

describe('the role of an admin', () => {
  const shop = useTestShop();

  it('is read with every request, and a disabled admin has no session and cannot log in', async () => {
    const app = await shop.start(['api']);
    const { id, ...credentials } = await shop.client(app).signUp();
    const setTo = (column: string, value: string | Date | null) =>
      shop.database.write(`UPDATE users SET ${column} = ? WHERE id = ?`, [value, uuidBytes(id)]);
    await setTo('role', 'admin');
    await setTo('admin_role', 'viewer');
    const admin = await shop.client(app).logIn(credentials);
    expect((await admin.get('/me')).body).to.include({ role: 'admin', adminRole: 'viewer' });
    const product = { name: 'Cup', price: 1, stock: 1 };
    const refused = await admin.post('/admin/products', product);
    expect([refused.status, refused.body.code]).to.deep.equal([403, 'forbidden']);
    await setTo('admin_role', 'operator');
    expect((await admin.post('/admin/products', product)).status).to.equal(201);
    await setTo('disabled_at', new Date());
    expect((await admin.get('/me')).status).to.equal(401);
    const logIn = await shop.client(app).post('/auth/login', credentials);
    expect([logIn.status, logIn.body.code]).to.deep.equal([401, 'invalid_credentials']);
    await setTo('disabled_at', null);
    expect((await admin.get('/me')).status).to.equal(200);
  });
});
