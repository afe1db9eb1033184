import { expect } from 'chai';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const HOUR_MS = 3_600_000;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('the time of a sale', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let customer: HttpClient;

  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    customer = await shop.client(app).newCustomer(100_000);
  });

  const newProduct = async (sale: { saleFrom?: string | null; saleUntil?: string | null }) => {
    const { status, body, text } = await admin.post('/admin/products', {
      name: 'Cup',
      price: 10,
      stock: 5,
      ...sale,
    });
    expect(status, text).to.equal(201);
    return body.id as string;
  };
  const order = (productId: string) => customer.postOrder([{ productId, quantity: 1 }]);

  it('decides whether an order is accepted, with a code and the bound', async () => {
    const [saleFrom, saleUntil] = [inMs(HOUR_MS), inMs(-HOUR_MS)];
    const early = await newProduct({ saleFrom });
    const refusedEarly = await order(early);
    expect(refusedEarly.status).to.equal(409);
    expect(refusedEarly.body).to.include({
      code: 'sale_not_open',
      productId: early,
      reason: 'not_started',
      saleFrom,
    });
    const over = await newProduct({ saleUntil });
    expect((await order(over)).body).to.include({ code: 'sale_not_open', reason: 'ended', saleUntil });
    const open = await newProduct({ saleFrom: inMs(-HOUR_MS), saleUntil: inMs(HOUR_MS) });
    expect((await order(open)).status).to.equal(200);
  });

  it('starts for orders that wait for it, in the same process', async () => {
    const product = await newProduct({ saleFrom: inMs(2000) });
    expect((await order(product)).body.code).to.equal('sale_not_open');
    await until('the sale is open', async () => (await order(product)).status === 200);
  });

  it('is shown with products, and by the cart', async () => {
    const saleFrom = inMs(HOUR_MS);
    const product = await newProduct({ saleFrom });
    const shown = { saleFrom, saleUntil: null };
    expect((await customer.get(`/products/${product}`)).body).to.include(shown);
    expect((await admin.get(`/admin/products/${product}`)).body).to.include(shown);
    const cart = cartClient(customer);
    const line = (await cart.add(product, 1)).body.lines[0];
    expect(line).to.include({ availability: 'not_open', unitPrice: 10, ...shown });
  });

  it('is edited, kept when left out, and must end after its start', async () => {
    const [saleFrom, saleUntil] = [inMs(HOUR_MS), inMs(2 * HOUR_MS)];
    const path = `/admin/products/${await newProduct({ saleFrom, saleUntil })}`;
    const product = { name: 'Cup', description: '', price: 20, status: 'ACTIVE', purchaseLimit: null };
    let version = 0;
    const edit = (sale: object) => {
      version += 1;
      const headers = { 'If-Match': `"v${version}"` };
      return admin.request('PUT', path, { body: { ...product, ...sale }, headers });
    };
    expect((await edit({})).body).to.include({ saleFrom, saleUntil, price: 20 });
    expect((await edit({ saleFrom: null })).body).to.include({ saleFrom: null, saleUntil });
    const empty = await edit({ saleFrom: saleUntil });
    expect([empty.status, empty.body.code]).to.deep.equal([409, 'sale_window_empty']);
    const wrong = await admin.post('/admin/products', {
      ...product,
      stock: 1,
      saleFrom: saleUntil,
      saleUntil: saleFrom,
    });
    expect(wrong.status).to.equal(400);
  });
});
