import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { guestCart, userCart } from '../../../app/carts/cart.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { arriveAt, openBarrier } from '../../support/barrier.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { expectProblem } from '../../support/http/expect-problem.ts';
import type { HttpReply } from '../../support/shop/http-client.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const DAY_S = 24 * 60 * 60;

describe('carts', () => {
  const shop = useTestShop();
  let apps: AppProcess[];
  let admin: AdminClient;
  let products: string[];
  before(async () => {
    apps = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    admin = await adminClient(shop, apps[0]!);
    products = [];
    for (let count = 0; count < 51; count += 1) {
      products.push(await admin.newProduct({ name: `p${count}`, price: 100 + count, stock: 5 }));
    }
  });

  const visitor = () => shop.client(apps[0]!);
  const guest = (token?: string) => cartClient(visitor(), token);

  it('of users store added, changed and removed lines, with current prices and stock', async () => {
    const [cup, pot] = products as [string, string];
    const cart = cartClient(await visitor().newCustomer());
    expect((await cart.get()).body).to.deep.equal({ owner: 'user', lines: [], subtotal: 0 });
    await cart.add(pot, 2);
    await cart.add(cup, 1);
    const { body, headers } = await cart.add(pot, 4);
    expect(body).to.deep.equal({
      owner: 'user',
      lines: [
        {
          productId: pot,
          quantity: 6,
          availability: 'too_few',
          name: 'p1',
          unitPrice: 101,
          stock: 5,
          purchaseLimit: null,
          saleFrom: null,
          saleUntil: null,
          limitLeft: null,
          amount: 606,
        },
        {
          productId: cup,
          quantity: 1,
          availability: 'available',
          name: 'p0',
          unitPrice: 100,
          stock: 5,
          purchaseLimit: null,
          saleFrom: null,
          saleUntil: null,
          limitLeft: null,
          amount: 100,
        },
      ],
      subtotal: 706,
    });
    expect([headers.get('set-cookie'), headers.get('cart-token')]).to.deep.equal([null, null]);
    expect((await cart.get()).body).to.deep.equal(body);

    await shop.database.write('UPDATE products SET price = 7 WHERE id = ?', [uuidBytes(cup)]);
    await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [uuidBytes(pot)]);
    expect((await cart.get()).body).to.deep.equal({
      owner: 'user',
      lines: [
        {
          productId: pot,
          quantity: 6,
          availability: 'not_on_sale',
          name: null,
          unitPrice: null,
          stock: 0,
          purchaseLimit: null,
          saleFrom: null,
          saleUntil: null,
          limitLeft: null,
          amount: 0,
        },
        {
          productId: cup,
          quantity: 1,
          availability: 'available',
          name: 'p0',
          unitPrice: 7,
          stock: 5,
          purchaseLimit: null,
          saleFrom: null,
          saleUntil: null,
          limitLeft: null,
          amount: 7,
        },
      ],
      subtotal: 7,
    });
    await shop.database.write("UPDATE products SET price = 100, status = 'ACTIVE' WHERE id IN (?)", [
      [uuidBytes(cup), uuidBytes(pot)],
    ]);

    await cart.set(cup, 3);
    expect(await cart.quantities()).to.deep.equal({ [pot]: 6, [cup]: 3 });
    await cart.remove(pot);
    expect((await cart.remove(pot)).status, 'once more').to.equal(200);
    expect(await cart.quantities()).to.deep.equal({ [cup]: 3 });
    expect((await cart.clear()).status).to.equal(204);
    expect(await cart.quantities()).to.deep.equal({});
  });

  it('expire a month after their last change, those of guests after a week', async () => {
    const user = await visitor().newCustomer();
    await cartClient(user).add(products[0]!, 1);
    expect(await shop.redis.client.ttl(userCart(user.userId).key)).to.be.within(30 * DAY_S - 5, 30 * DAY_S);
    const cart = guest();
    await cart.add(products[0]!, 1);
    const { key } = guestCart(cart.token!);
    expect(await shop.redis.client.ttl(key)).to.be.within(7 * DAY_S - 5, 7 * DAY_S);
    await shop.redis.client.expire(key, 60);
    await cart.add(products[1]!, 1);
    expect(await shop.redis.client.ttl(key)).to.be.within(7 * DAY_S - 5, 7 * DAY_S);
    // A removal is a change as well and extends the cookie's life together with the cart's.
    await shop.redis.client.expire(key, 60);
    const { headers } = await cart.remove(products[1]!);
    expect(await shop.redis.client.ttl(key)).to.be.within(7 * DAY_S - 5, 7 * DAY_S);
    expect(headers.get('set-cookie')).to.include(`=${cart.token}; Max-Age=${7 * DAY_S}; Path=/;`);
    const ofUser = userCart(user.userId).key;
    await shop.redis.client.expire(ofUser, 60);
    await cartClient(user).remove(products[1]!);
    expect(await shop.redis.client.ttl(ofUser)).to.be.within(30 * DAY_S - 5, 30 * DAY_S);
  });

  describe('at their limits', () => {
    it('accept at most 99 units of a product, and report the quantity', async () => {
      const [cup] = products as [string];
      const cart = cartClient(await visitor().newCustomer());
      await cart.add(cup, 98);
      const refused = await cart.add(cup, 2);
      expectProblem(refused, 409, 'cart_quantity_limit');
      expect(refused.body).to.include({ productId: cup, quantity: 98, limit: 99 });
      for (const quantity of [0, 100, -1, 1.5, '1', null]) {
        expectProblem(await cart.set(cup, quantity as number), 400, 'validation_failed');
        expectProblem(await cart.add(cup, quantity as number), 400, 'validation_failed');
      }
      expect(await cart.quantities()).to.deep.equal({ [cup]: 98 });
      expect((await cart.add(cup, 1)).status).to.equal(200);
      expect(await cart.quantities()).to.deep.equal({ [cup]: 99 });
    });

    it('accept at most 50 products', async () => {
      const cart = guest();
      for (const productId of products.slice(0, 50))
        expect((await cart.add(productId, 1)).status).to.equal(200);
      const refused = await cart.add(products[50]!, 1);
      expectProblem(refused, 409, 'cart_line_limit');
      expect(refused.body.limit).to.equal(50);
      expectProblem(await cart.set(products[50]!, 1), 409, 'cart_line_limit');
      expect((await cart.add(products[49]!, 1)).status, 'one of the fifty').to.equal(200);
      const quantities = await cart.quantities();
      expect(Object.keys(quantities)).to.have.lengthOf(50);
      expect(quantities)
        .to.include({ [products[49]!]: 2 })
        .and.not.have.property(products[50]!);
    });

    it('accept no product that is not on sale, and write nothing then', async () => {
      const user = await visitor().newCustomer();
      const unknown = randomUUID();
      for (const cart of [cartClient(user), guest()]) {
        expectProblem(await cart.add(unknown, 1), 404, 'product_not_found');
        expectProblem(await cart.set(unknown, 1), 404, 'product_not_found');
        expect(cart.token).to.equal(undefined);
      }
      expect(await shop.redis.client.exists(userCart(user.userId).key)).to.equal(0);
    });

    it('count concurrent additions at two processes exactly once each, within the limits', async () => {
      const [cup, pot] = products as [string, string];
      const user = await visitor().newCustomer();
      const carts = apps.map((app) => cartClient(user.at(app.url)));
      const atOnce = async (count: number, send: (index: number) => Promise<HttpReply>) => {
        const barrier = await openBarrier(count);
        return Promise.all(
          Array.from({ length: count }, async (_, index) => {
            await arriveAt(barrier.port);
            return send(index);
          }),
        );
      };
      const first = await atOnce(40, (index) => carts[index % 2]!.add(cup, 2));
      expect(first.map(({ status }) => status)).to.deep.equal(first.map(() => 200));
      expect(await carts[0]!.quantities()).to.deep.equal({ [cup]: 80 });
      // The cart has room for 19 more: nine requests of two fit, and one unit stays free.
      const statuses = (await atOnce(40, (index) => carts[index % 2]!.add(cup, 2))).map(
        ({ status }) => status,
      );
      expect(statuses.filter((status) => status === 200)).to.have.lengthOf(9);
      expect(statuses.filter((status) => status === 409)).to.have.lengthOf(31);
      expect(await carts[0]!.quantities()).to.deep.equal({ [cup]: 98 });

      await carts[0]!.clear();
      for (const productId of products.slice(2, 47)) await carts[0]!.add(productId, 1);
      // The cart holds 45 products. Ten requests follow: four for products in the cart, six for others, of
      // which five fit.
      const wanted = [cup, pot, ...products.slice(43)];
      const more = await atOnce(10, (index) => carts[index % 2]!.add(wanted[index]!, 1));
      expect(more.filter(({ status }) => status === 200)).to.have.lengthOf(9);
      expect(Object.keys(await carts[1]!.quantities())).to.have.lengthOf(50);
    });
  });
});
