import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

/**
 * Code of an order's refusal by the cart's code for the same line. `price_changed` comes after every refusal
 * of a line.
 */
const codeOf: Readonly<Record<string, string>> = {
  available: 'price_changed',
  too_few: 'out_of_stock',
  over_limit: 'purchase_limit_exceeded',
  not_on_sale: 'product_not_found',
};

describe('carts and orders decide by one rule', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
  });

  const keyed = () => ({ headers: { 'Idempotency-Key': randomUUID() } });
  const buy = async (customer: HttpClient, productId: string, quantity: number): Promise<string> => {
    const reply = await customer.post('/orders', { items: [{ productId, quantity }] }, keyed());
    expect(reply.status, reply.text).to.equal(200);
    return reply.body.id as string;
  };

  it('a cart states the purchase limit and what this customer may still buy', async () => {
    const cup = await admin.newProduct({ stock: 100, purchaseLimit: 4 });
    const customer = await shop.client(app).newCustomer(10_000);
    const cart = cartClient(customer);
    const line = async () => (await cart.get()).body.lines[0];
    expect((await cart.add(cup, 5)).body.lines[0]).to.include({
      availability: 'over_limit',
      purchaseLimit: 4,
      limitLeft: 4,
    });
    await cart.set(cup, 4);
    expect(await line()).to.include({ availability: 'available', limitLeft: 4 });
    const order = await buy(customer, cup, 3);
    expect(await line(), 'after buying 3').to.include({ availability: 'over_limit', limitLeft: 1 });
    await customer.post(`/orders/${order}/cancel`, undefined, keyed());
    expect(await line(), 'after the cancellation').to.include({ availability: 'available', limitLeft: 4 });
    await buy(customer, cup, 4);
    await shop.database.write('UPDATE products SET purchase_limit = 2 WHERE id = ?', [uuidBytes(cup)]);
    expect(await line(), 'with a lower limit').to.include({ purchaseLimit: 2, limitLeft: 0 });
  });

  it('a guest sees the full limit', async () => {
    const cup = await admin.newProduct({ purchaseLimit: 2 });
    const guest = cartClient(shop.client(app));
    expect((await guest.add(cup, 2)).body.lines[0]).to.include({ availability: 'available', limitLeft: 2 });
    expect((await guest.add(cup, 1)).body.lines[0]).to.include({ availability: 'over_limit', limitLeft: 2 });
  });

  it('an order rejects exactly the lines that the cart calls unavailable, with the same reason', async () => {
    const customer = await shop.client(app).newCustomer(1_000_000);
    const cart = cartClient(customer);
    for (const purchaseLimit of [undefined, 3]) {
      for (const held of [0, 2]) {
        for (const stock of [0, 1, 3, 9]) {
          for (const status of ['ACTIVE', 'INACTIVE']) {
            const fields = { stock: stock + held, ...(purchaseLimit === undefined ? {} : { purchaseLimit }) };
            const productId = await admin.newProduct(fields);
            if (held > 0) await buy(customer, productId, held);
            await cart.set(productId, 1);
            if (status === 'INACTIVE') {
              await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [
                uuidBytes(productId),
              ]);
            }
          }
        }
      }
    }
    const seen = new Set<string>();
    for (const quantity of [1, 2, 3, 4, 99]) {
      const products = Object.keys(await cart.quantities());
      for (const productId of products) {
        // The cart rejects a new quantity for inactive products.
        await cart.set(productId, quantity);
      }
      for (const line of (await cart.get()).body.lines) {
        const items = [{ productId: line.productId, quantity: line.quantity }];
        // The total is checked after every reason against a line, so this buys nothing.
        const reply = await customer.post('/orders', { items, expectedTotal: 1 }, keyed());
        expect(reply.body.code, JSON.stringify(line)).to.equal(codeOf[line.availability]);
        if (line.availability === 'over_limit') {
          expect(reply.body.limit - reply.body.held).to.equal(line.limitLeft);
        }
        seen.add(line.availability);
      }
    }
    expect([...seen].toSorted()).to.deep.equal(Object.keys(codeOf).toSorted());
  });

  it('the largest cart is not too large for an order', async () => {
    const customer = await shop.client(app).newCustomer(1_000_000);
    const cart = cartClient(customer);
    for (let count = 0; count < 50; count += 1) {
      await cart.set(await admin.newProduct({ price: 1, stock: 99 }), 99);
    }
    const lines = (await cart.get()).body.lines as { productId: string; quantity: number }[];
    const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
    const direct = await customer.post('/orders', { items, expectedTotal: 1 }, keyed());
    expect(direct.body).to.include({ code: 'price_changed', total: 50 * 99 });
    const reply = await customer.post('/orders', { fromCart: true, expectedTotal: 50 * 99 }, keyed());
    expect(reply.status, reply.text).to.equal(200);
  });
});
