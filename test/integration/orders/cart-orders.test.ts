import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { arriveAt, openBarrier } from '../../support/barrier.ts';
import { type CartClient, cartClient } from '../../support/shop/cart-client.ts';
import { cartOrderChecks, orderedLines } from './cart-order-checks.ts';
import { expectProblem } from '../../support/http/expect-problem.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import type { HttpClient, HttpReply } from '../../support/shop/http-client.ts';
import { lockStock, ordersWait } from './stock-lock.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { giveCoupon } from '../../support/shop/user-coupons.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';

const BALANCE = 100_000;

describe('orders from a cart', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let admin: AdminClient;
  let cup: string;
  let pot: string;
  let customer: HttpClient & { readonly userId: string };
  let cart: CartClient;
  before(async () => {
    app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    [cup, pot] = [
      await admin.newProduct({ price: 100, stock: 1000 }),
      await admin.newProduct({ price: 10, stock: 1000 }),
    ];
  });
  beforeEach(async () => {
    customer = await shop.client(app).newCustomer(BALANCE);
    cart = cartClient(customer);
    await cart.add(cup, 3);
    await cart.add(pot, 2);
  });

  const order = (
    client: HttpClient = customer,
    { key = randomUUID(), ...body }: { key?: string; expectedTotal?: number; userCouponId?: string } = {},
  ) => client.post('/orders', { fromCart: true, ...body }, { key });
  const { ordersPlaced, removalsLeft, addsUp } = cartOrderChecks(shop, () => customer.userId);

  it("contain the cart's lines, and the cart is empty afterwards", async () => {
    const reply = await order();
    expect(orderedLines(reply)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expect(reply.body.total).to.equal(320);
    expect(await cart.quantities()).to.deep.equal({});
    expect(await removalsLeft()).to.equal(0);
    expectProblem(await order(), 409, 'cart_empty');
    await addsUp();
  });

  it('apply a coupon and an expected total', async () => {
    const userCouponId = await giveCoupon(shop.database, customer.userId, { amount: 20 });
    expectProblem(await order(customer, { expectedTotal: 320, userCouponId }), 409, 'price_changed');
    const reply = await order(customer, { expectedTotal: 300, userCouponId });
    expect(reply.body).to.include({ subtotal: 320, discount: 20, total: 300 });
    expect(await cart.quantities()).to.deep.equal({});
  });

  it('leave lines in the cart that are added during the order', async () => {
    const lock = await lockStock(shop.database, cup);
    const placing = order();
    await ordersWait(shop.database, cup, 1);
    const spoon = await admin.newProduct();
    await cart.add(cup, 4);
    await cart.add(spoon, 5);
    await cart.set(pot, 1);
    await lock.release();
    expect(orderedLines(await placing)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expect(await cart.quantities()).to.deep.equal({ [cup]: 4, [spoon]: 5 });
  });

  it('are replayed under the same key, whatever the cart contains by then', async () => {
    const key = randomUUID();
    const first = await order(customer, { key });
    await cart.add(cup, 1);
    const again = await order(customer, { key });
    expect(again.text).to.equal(first.text);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(await cart.quantities()).to.deep.equal({ [cup]: 1 });
    expectProblem(await order(customer, { key, expectedTotal: 100 }), 422, 'idempotency_key_reused');
    expectProblem(
      await customer.postOrder([{ productId: cup, quantity: 1 }], { key }),
      422,
      'idempotency_key_reused',
    );
    const byItems = randomUUID();
    await customer.postOrder([{ productId: cup, quantity: 1 }], { key: byItems });
    expectProblem(await order(customer, { key: byItems }), 422, 'idempotency_key_reused');
    expect(await cart.quantities()).to.deep.equal({ [cup]: 1 });
    // Replays the original response, also after a cancellation, which returns nothing to the cart.
    await customer.post(`/orders/${first.body.id}/cancel`, undefined, { key: randomUUID() });
    expect((await order(customer, { key })).text).to.equal(first.text);
    expect(await cart.quantities()).to.deep.equal({ [cup]: 1 });
    expect(await ordersPlaced()).to.equal(2);
  });

  it('are placed once for concurrent copies of a request at two processes', async () => {
    const other = await shop.start(['api']);
    const key = randomUUID();
    const barrier = await openBarrier(20);
    const replies = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        await arriveAt(barrier.port);
        return insistOnBusyMachine(() => order(index % 2 === 0 ? customer : customer.at(other.url), { key }));
      }),
    );
    expect(
      new Set(replies.map(({ text }) => text)).size,
      replies.map(({ text }) => text).join('\n'),
    ).to.equal(1);
    expect(replies.filter(({ headers }) => headers.get('idempotent-replayed') === null)).to.have.lengthOf(1);
    expect(await ordersPlaced()).to.equal(1);
    expect(await cart.quantities()).to.deep.equal({});
    expect(await removalsLeft()).to.equal(0);
    await addsUp();
  });

  it('never contain the same lines twice when two tabs order at two processes', async () => {
    const other = await shop.start(['api']);
    const lock = await lockStock(shop.database, cup);
    const orders = [order(), order(customer.at(other.url))];
    // Both requests have read the cart before either order runs.
    await ordersWait(shop.database, cup, 2);
    await lock.release();
    const replies = await Promise.all(orders);
    const [placed, refused] = replies.toSorted((a, b) => a.status - b.status) as [HttpReply, HttpReply];
    expect(orderedLines(placed)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expectProblem(refused, 409, 'cart_empty');
    expect(await ordersPlaced()).to.equal(1);
    expect(await cart.quantities()).to.deep.equal({});
    await addsUp();
  });

  it('are placed while the wallet changes concurrently', async () => {
    const lock = await lockStock(shop.database, cup);
    const placing = order();
    await ordersWait(shop.database, cup, 1);
    const charge = await customer.post('/me/balance/charges', { amount: 1 }, { key: randomUUID() });
    expect(charge.status).to.equal(200);
    await lock.release();
    expect(orderedLines(await placing)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expect(await cart.quantities()).to.deep.equal({});
    await addsUp();
  });

  it('that are rejected leave the cart and the key unchanged', async () => {
    const key = randomUUID();
    await cart.add(await admin.newProduct({ stock: 1 }), 2);
    const before = await cart.quantities();
    expectProblem(await order(customer, { key }), 409, 'out_of_stock');
    const [scarce] = Object.keys(before).slice(-1) as [string];
    await cart.remove(scarce);
    const gone = await admin.newProduct();
    await cart.add(gone, 1);
    await shop.database.write("UPDATE products SET status = 'INACTIVE' WHERE id = ?", [uuidBytes(gone)]);
    const refused = await order(customer, { key });
    expectProblem(refused, 404, 'product_not_found');
    expect(refused.body.productId).to.equal(gone);
    await cart.remove(gone);
    const dear = await admin.newProduct({ price: BALANCE });
    await cart.add(dear, 1);
    expectProblem(await order(customer, { key }), 409, 'insufficient_balance');
    expect(await cart.quantities()).to.deep.equal({ [cup]: 3, [pot]: 2, [dear]: 1 });
    expect([await ordersPlaced(), await removalsLeft()]).to.deep.equal([0, 0]);
    await cart.remove(dear);
    expect((await order(customer, { key })).status).to.equal(200);
  });

  it('accept no other field, and only from users', async () => {
    const line = { productId: cup, quantity: 1 };
    for (const body of [
      {},
      { fromCart: false },
      { fromCart: 1 },
      { fromCart: true, items: [line] },
      { fromCart: null },
    ]) {
      expectProblem(await customer.post('/orders', body, { key: randomUUID() }), 400, 'validation_failed');
    }
    expectProblem(await customer.post('/orders', { fromCart: true }), 400, 'idempotency_key_missing');
    expectProblem(await order(shop.client(app)), 401, 'unauthenticated');
    expect(await ordersPlaced()).to.equal(0);
  });

  it('affect neither other carts nor orders with items', async () => {
    const { DATABASE_URL = '', REDIS_STATE_URL = '' } = shop.env;
    const mysql = await openFaultProxy(DATABASE_URL);
    const redis = await openFaultProxy(REDIS_STATE_URL);
    const watched = await shop.start(['api'], {
      env: { DATABASE_URL: mysql.through(DATABASE_URL), REDIS_STATE_URL: redis.through(REDIS_STATE_URL) },
    });
    const neighbour = await shop.client(app).newCustomer(BALANCE);
    await cartClient(neighbour).add(cup, 1);
    let seen = '';
    for (const proxy of [mysql, redis]) {
      proxy.watchClient((bytes) => {
        seen += bytes.toString('latin1');
        return 'forward';
      });
    }
    const reply = await neighbour.at(watched.url).postOrder([{ productId: cup, quantity: 2 }]);
    expect(orderedLines(reply)).to.deep.equal({ [cup]: 2 });
    expect(seen).to.include('INSERT INTO orders').and.not.match(/cart/);
    expect(await cartClient(neighbour).quantities()).to.deep.equal({ [cup]: 1 });
    await order();
    expect(await cartClient(neighbour).quantities()).to.deep.equal({ [cup]: 1 });
  });
});
