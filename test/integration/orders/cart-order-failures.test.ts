import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { type CartClient, cartClient } from '../../support/shop/cart-client.ts';
import { cartOrderChecks, orderedLines } from './cart-order-checks.ts';
import { expectProblem } from '../../support/http/expect-problem.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { lockStock, ordersWait } from './stock-lock.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const BALANCE = 100_000;
/** Argument of the script that removes an order's lines from a cart. */
const TAKE_OUT = ':order:';

describe('orders from a cart, when something fails between commit and cart update:', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let doomed: AppProcess;
  let mysql: FaultProxy;
  let redis: FaultProxy;
  let cup: string;
  let pot: string;
  let customer: HttpClient & { readonly userId: string };
  let cart: CartClient;
  before(async () => {
    app = await shop.start(['api']);
    const admin = await adminClient(shop, app);
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
    const { DATABASE_URL = '', REDIS_STATE_URL = '' } = shop.env;
    [mysql, redis] = await Promise.all([openFaultProxy(DATABASE_URL), openFaultProxy(REDIS_STATE_URL)]);
    doomed = await shop.start(['api'], {
      env: { DATABASE_URL: mysql.through(DATABASE_URL), REDIS_STATE_URL: redis.through(REDIS_STATE_URL) },
    });
  });

  const order = (client: HttpClient = customer, key: string = randomUUID()) =>
    client.post('/orders', { fromCart: true }, { key });
  const { ordersPlaced, removalsLeft, addsUp } = cartOrderChecks(shop, () => customer.userId);

  /** Freezes a connection once these bytes are sent on it. */
  const freezeAt = (proxy: FaultProxy, text: string): (() => boolean) => {
    let reached = false;
    proxy.watchClient((bytes) => {
      if (!bytes.includes(text)) return 'forward';
      reached = true;
      return 'freeze';
    });
    return () => reached;
  };
  /** Sends the order to the doomed process and kills that process once `isThere`. */
  const orderAndKill = async (key: string, isThere: () => boolean) => {
    const answer = order(customer.at(doomed.url), key).catch(() => 'no answer');
    await until('the process is there', isThere);
    await doomed.kill();
    expect(await answer).to.equal('no answer');
  };
  it('after a kill before the removal, a repeated request removes the lines', async () => {
    const key = randomUUID();
    await orderAndKill(key, freezeAt(redis, TAKE_OUT));
    expect([await ordersPlaced(), await removalsLeft()]).to.deep.equal([1, 2]);
    expect(await shop.redis.client.hlen(`cart:{${customer.userId}}`)).to.equal(2);
    const retried = await order(customer, key);
    expect(orderedLines(retried)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expect(retried.headers.get('idempotent-replayed')).to.equal('true');
    expect(await shop.redis.client.hlen(`cart:{${customer.userId}}`)).to.equal(0);
    expect([await ordersPlaced(), await removalsLeft()]).to.deep.equal([1, 0]);
    await addsUp();
  });

  it('after a kill before the removal, the next read of the cart removes the lines', async () => {
    for (const look of [
      () => cart.get(),
      () => cart.add(cup, 1),
      () => cart.set(cup, 1),
      () => cart.remove(pot),
      () => cart.clear(),
      () => order(),
    ]) {
      await shop.database.write('DELETE FROM cart_removals');
      await shop.redis.client.del(`cart:{${customer.userId}}`);
      await shop.redis.client.hset(`cart:{${customer.userId}}`, cup, 3, pot, 2);
      const orderId = await placedWithoutRemoval();
      const reply = await look();
      expect(reply.text).not.to.include('"quantity":3').and.not.include('"quantity":4');
      const left = await cart.quantities();
      expect(left[pot] ?? 0).to.equal(0);
      expect(left[cup] ?? 0).to.be.at.most(1);
      expect(await removalsLeft(), orderId).to.equal(0);
    }
  });

  it('after a kill following the removal, nothing is removed twice', async () => {
    const key = randomUUID();
    await cart.set(cup, 98);
    const lock = await lockStock(shop.database, cup);
    const isThere = freezeAt(mysql, 'DELETE FROM cart_removals');
    const dying = orderAndKill(key, isThere);
    await ordersWait(shop.database, cup, 1);
    await cart.remove(cup);
    await cart.add(cup, 99);
    await lock.release();
    await dying;
    expect(await removalsLeft()).to.equal(2);
    // The order removed 98 of 99 units; the one that is left stays.
    expect(await cart.quantities()).to.deep.equal({ [cup]: 1 });
    await order(customer, key);
    expect(await cart.quantities()).to.deep.equal({ [cup]: 1 });
    expect(await removalsLeft()).to.equal(0);
  });

  it('when Redis stops responding, the order is placed and the cart is updated later', async () => {
    const isThere = freezeAt(redis, TAKE_OUT);
    const reply = await order(customer.at(doomed.url));
    expect(orderedLines(reply)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expect(isThere()).to.equal(true);
    await doomed.waitForLog('cart_removal_postponed');
    expect(await removalsLeft()).to.equal(2);
    expect(await cart.quantities()).to.deep.equal({});
    expect(await removalsLeft()).to.equal(0);
  });

  it("when the commit's response is lost, there is one order and its lines are removed", async () => {
    const armed = new Set<number>();
    let hit = false;
    mysql.watchClient((bytes, connection) => {
      if (bytes.includes('INSERT INTO cart_removals')) armed.add(connection);
      if (hit || !armed.has(connection) || !bytes.toString('latin1').endsWith('COMMIT')) return 'forward';
      hit = true;
      return 'forward-then-cut';
    });
    const reply = await order(customer.at(doomed.url));
    expect(orderedLines(reply)).to.deep.equal({ [cup]: 3, [pot]: 2 });
    expect(hit).to.equal(true);
    expect(await cart.quantities()).to.deep.equal({});
    expect([await ordersPlaced(), await removalsLeft()]).to.deep.equal([1, 0]);
  });

  it('without Redis, carts are unavailable and orders with items still work', async () => {
    await shop.client(doomed).withToken(undefined).get('/healthz');
    await mysql.pass();
    const user = customer.at(doomed.url);
    // The session can be read, the cart cannot.
    redis.watchClient((bytes) => (bytes.includes('cart:') ? 'freeze' : 'forward'));
    expect((await user.postOrder([{ productId: cup, quantity: 1 }])).status).to.equal(200);
    expectProblem(await user.get('/cart'), 503, 'dependency_unavailable');
    await until('the app is connected to Redis again', async () => (await user.get('/me')).status === 200);
    expect((await user.postOrder([{ productId: cup, quantity: 1 }])).status).to.equal(200);
    await redis.refuse();
    const guest = shop.client(doomed);
    for (const [method, path, body] of [
      ['GET', '/cart', undefined],
      ['POST', '/cart/items', { productId: cup, quantity: 1 }],
      ['PUT', `/cart/items/${cup}`, { quantity: 1 }],
      ['DELETE', `/cart/items/${cup}`, undefined],
      ['DELETE', '/cart', undefined],
    ] as const) {
      const headers = { 'Cart-Token': 'x'.repeat(43) };
      for (const client of [user, guest]) {
        expectProblem(await client.request(method, path, { body, headers }), 503, 'dependency_unavailable');
      }
    }
  });

  /** Places an order of the cart's contents, as left by a process that died right after the commit. */
  async function placedWithoutRemoval(): Promise<string> {
    const reply = await customer.postOrder([
      { productId: cup, quantity: 3 },
      { productId: pot, quantity: 2 },
    ]);
    const orderId = reply.body.id as string;
    await shop.database.write(
      'INSERT INTO cart_removals (order_id, product_id, user_id, quantity) VALUES ?',
      [
        [
          [uuidBytes(orderId), uuidBytes(cup), uuidBytes(customer.userId), 3],
          [uuidBytes(orderId), uuidBytes(pot), uuidBytes(customer.userId), 2],
        ],
      ],
    );
    return orderId;
  }

  it('with more pending lines than one read removes, every order is removed fully', async () => {
    const admin = await adminClient(shop, app);
    const products: string[] = [];
    while (products.length < 49) products.push(await admin.newProduct({ price: 1, stock: 100 }));
    await cart.clear();
    for (const product of products) await cart.add(product, 11);
    const items = products.map((productId) => ({ productId, quantity: 1 }));
    for (let placed = 0; placed < 11; placed += 1) {
      expect((await customer.postOrder(items)).status).to.equal(200);
    }
    // The state after eleven orders from the cart whose processes died.
    await shop.database.write(
      `INSERT INTO cart_removals (order_id, product_id, user_id, quantity)
       SELECT o.id, i.product_id, o.user_id, i.quantity FROM orders o JOIN order_items i ON i.order_id = o.id
       WHERE o.user_id = ?`,
      [uuidBytes(customer.userId)],
    );
    await cart.quantities();
    expect(await cart.quantities()).to.deep.equal({});
    expect(await removalsLeft()).to.equal(0);
  });
});
