import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { guestCart } from '../../../app/carts/cart.ts';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { arriveAt, openBarrier } from '../../support/barrier.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { expectProblem } from '../../support/http/expect-problem.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';

const DAY_S = 24 * 60 * 60;

describe('carts of guests', () => {
  const shop = useTestShop();
  let apps: AppProcess[];
  let products: string[];
  before(async () => {
    apps = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    const admin = await adminClient(shop, apps[0]!);
    products = [];
    for (let count = 0; count < 51; count += 1) products.push(await admin.newProduct({ price: 100 }));
  });

  const visitor = () => shop.client(apps[0]!);
  const guest = (token?: string) => cartClient(visitor(), token);

  it('are identified by a token in a cookie or a header, stored only as its hash', async () => {
    const [cup] = products as [string];
    const begun = await guest().add(cup, 2);
    const token = begun.headers.get('cart-token') ?? '';
    expect(token).to.match(/^[\w-]{43}$/);
    expect(begun.headers.get('set-cookie')).to.equal(
      `rowlock_cart=${token}; Max-Age=${7 * DAY_S}; Path=/; HttpOnly; SameSite=Lax`,
    );
    expect(begun.body.owner).to.equal('guest');
    const withCookie = { headers: { Cookie: `other=1; rowlock_cart=${token}` } };
    expect((await visitor().get('/cart', withCookie)).body.lines).to.have.lengthOf(1);
    expect(await guest(token).quantities()).to.deep.equal({ [cup]: 2 });
    const keys = await shop.redis.client.keys('*');
    const values = await Promise.all(
      keys
        .filter((key) => key.startsWith('cart:'))
        .map((key) => shop.redis.client.hgetall(key).catch(() => ({}))),
    );
    expect(JSON.stringify([keys, values])).not.to.include(token);
  });

  it('cannot be reached with a guessed or chosen token, a hash or another token', async () => {
    const [cup] = products as [string];
    const victim = guest();
    await victim.add(cup, 7);
    const { key, guestId } = guestCart(victim.token!);
    expect(await shop.redis.client.exists(key)).to.equal(1);
    const guesses = [
      randomBytes(32).toString('base64url'),
      guestId!,
      `${victim.token!.slice(0, -1)}${victim.token!.endsWith('A') ? 'B' : 'A'}`,
      victim.token!.slice(0, -1),
      '*',
      '',
    ];
    for (const guess of guesses) {
      const thief = guest(guess);
      expect(await thief.quantities()).to.deep.equal({});
      expect((await thief.clear()).status).to.equal(204);
      await thief.remove(cup);
      // The thief's item goes into a new cart, under a token that the thief did not choose.
      await thief.add(cup, 1);
      expect(thief.token)
        .to.match(/^[\w-]{43}$/)
        .and.not.equal(guess);
      expect(await thief.quantities()).to.deep.equal({ [cup]: 1 });
    }
    expect(await victim.quantities()).to.deep.equal({ [cup]: 7 });
  });

  it('and of users cannot be reached from a page of another origin', async () => {
    const [cup] = products as [string];
    const cart = guest();
    await cart.add(cup, 1);
    const { email, password } = await visitor().signUp();
    const session = await visitor().logIn({ email, password });
    const cookies = [`rowlock_cart=${cart.token}`, `rowlock_session=${session.token}`, 'none=1'];
    const foreign = { Origin: 'https://evil.example' };
    for (const Cookie of cookies) {
      for (const [method, path, body] of [
        ['POST', '/cart/items', { productId: cup, quantity: 1 }],
        ['PUT', `/cart/items/${cup}`, { quantity: 9 }],
        ['DELETE', `/cart/items/${cup}`, undefined],
        ['DELETE', '/cart', undefined],
      ] as const) {
        const headers = { Cookie, ...foreign };
        expectProblem(await visitor().request(method, path, { headers, body }), 403, 'origin_not_allowed');
        const own = { Cookie, Origin: apps[0]!.url };
        if (method === 'PUT')
          expect((await visitor().request(method, path, { headers: own, body })).status).to.equal(200);
      }
    }
    // A cookie without an Origin does not come from a page of the shop.
    const headers = { Cookie: cookies[0]! };
    expectProblem(await visitor().request('DELETE', '/cart', { headers }), 403, 'origin_not_allowed');
    expect(await cart.quantities()).to.deep.equal({ [cup]: 9 });
  });

  it('are used when a session cookie has expired; an expired bearer token is rejected', async () => {
    const token = randomBytes(32).toString('base64url');
    const cookie = await visitor().get('/cart', { headers: { Cookie: `rowlock_session=${token}` } });
    expect(cookie.body).to.deep.equal({ owner: 'guest', lines: [], subtotal: 0 });
    expectProblem(await visitor().withToken(token).get('/cart'), 401, 'unauthenticated');
    expectProblem(
      await visitor().get('/cart', { headers: { Authorization: 'Basic x' } }),
      401,
      'unauthenticated',
    );
  });

  it('are limited in number per address, and existing ones keep working', async () => {
    const [cup] = products as [string];
    const limited = await shop.start(['api'], { env: { RATE_LIMIT_GUEST_CARTS: '3/60' } });
    const begin = () => cartClient(shop.client(limited));
    const carts = [begin(), begin(), begin()];
    for (const cart of carts) expect((await cart.add(cup, 1)).status).to.equal(200);
    const refused = await begin().add(cup, 1);
    expectProblem(refused, 429, 'rate_limited');
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(refused.headers.get('set-cookie')).to.equal(null);
    expect((await carts[0]?.add(cup, 1))?.status).to.equal(200);
    const user = await shop.client(limited).newCustomer();
    expect((await cartClient(user).add(cup, 1)).status).to.equal(200);
    await limited.stop();
  });

  it('of two concurrent tabs are two, and each stays reachable with its token', async () => {
    const [cup, pot] = products as [string, string];
    const [one, other] = [guest(), guest()];
    await Promise.all([one.add(cup, 1), other.add(pot, 2)]);
    expect(one.token).to.not.equal(other.token);
    expect(await one.quantities()).to.deep.equal({ [cup]: 1 });
    expect(await other.quantities()).to.deep.equal({ [pot]: 2 });
    // Once the token exists, any number of tabs share its cart.
    const tabs = [guest(one.token), guest(one.token)];
    await Promise.all(tabs.map((tab) => tab.add(pot, 1)));
    expect(await one.quantities()).to.deep.equal({ [cup]: 1, [pot]: 2 });
  });

  describe('at log-in', () => {
    const logIn = async (credentials: { email: string; password: string }, cartToken?: string) => {
      const { email, password } = credentials;
      const headers: Record<string, string> = cartToken === undefined ? {} : { 'Cart-Token': cartToken };
      const reply = await visitor().post('/auth/login', { email, password }, { headers });
      expect(reply.status, reply.text).to.equal(200);
      return { reply, cart: cartClient(visitor().withToken(reply.body.token)) };
    };

    it("are merged into the user's cart, also after a sign-up, and the guest's is gone", async () => {
      const [cup, pot] = products as [string, string];
      const cart = guest();
      await cart.add(cup, 2);
      const credentials = await visitor().signUp();
      const first = await logIn(credentials, cart.token);
      expect(first.reply.body.cart).to.deep.equal({ adjustments: [] });
      expect(await first.cart.quantities()).to.deep.equal({ [cup]: 2 });
      expect(await cart.quantities()).to.deep.equal({});
      expect(await shop.redis.client.exists(guestCart(cart.token!).key)).to.equal(0);
      // The browser may still send the same token. The cart is gone, so nothing is taken over and no item is
      // added twice.
      expect((await logIn(credentials, cart.token)).reply.body.cart).to.equal(null);
      expect(await first.cart.quantities()).to.deep.equal({ [cup]: 2 });

      const second = guest();
      await second.add(cup, 1);
      await second.add(pot, 1);
      await logIn(credentials, second.token);
      expect(await first.cart.quantities()).to.deep.equal({ [cup]: 3, [pot]: 1 });
      expect((await logIn(credentials)).reply.body.cart).to.equal(null);
    });

    it('report what the limits excluded', async () => {
      const credentials = await visitor().signUp();
      const { cart } = await logIn(credentials);
      for (const productId of products.slice(0, 49)) await cart.add(productId, 60);
      const more = guest();
      await more.add(products[0]!, 40);
      await more.add(products[1]!, 39);
      await more.add(products[49]!, 5);
      await more.add(products[50]!, 6);
      const { reply } = await logIn(credentials, more.token);
      expect(reply.body.cart.adjustments).to.deep.equal([
        { productId: products[0], wanted: 100, quantity: 99 },
        { productId: products[50], wanted: 6, quantity: 0 },
      ]);
      const quantities = await cart.quantities();
      expect(Object.keys(quantities)).to.have.lengthOf(50);
      expect(quantities).to.include({ [products[0]!]: 99, [products[1]!]: 99, [products[49]!]: 5 });
    });

    it('are merged exactly once by concurrent log-ins at two processes', async () => {
      const [cup] = products as [string];
      const credentials = await visitor().signUp();
      const cart = guest();
      await cart.add(cup, 3);
      const barrier = await openBarrier(10);
      const replies = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          await arriveAt(barrier.port);
          return shop.client(apps[index % 2]!).post(
            '/auth/login',
            { email: credentials.email, password: credentials.password },
            {
              headers: { 'Cart-Token': cart.token! },
            },
          );
        }),
      );
      expect(replies.map(({ status }) => status)).to.deep.equal(replies.map(() => 200));
      const { cart: merged } = await logIn(credentials);
      expect(await merged.quantities()).to.deep.equal({ [cup]: 3 });
    });

    it('that were merged but not removed are not merged again', async () => {
      const [cup] = products as [string];
      const { REDIS_STATE_URL = '' } = shop.env;
      const proxy = await openFaultProxy(REDIS_STATE_URL);
      const cutOff = await shop.start(['api'], { env: { REDIS_STATE_URL: proxy.through(REDIS_STATE_URL) } });
      const credentials = await visitor().signUp();
      const cart = guest();
      await cart.add(cup, 3);
      proxy.watchClient((bytes) =>
        /\bdel\b[^*]*cart:guest/is.test(bytes.toString()) ? 'freeze' : 'forward',
      );
      const { email, password } = credentials;
      const headers = { 'Cart-Token': cart.token! };
      const reply = await shop.client(cutOff).post('/auth/login', { email, password }, { headers });
      expect([reply.status, reply.body.cart]).to.deep.equal([200, null]);
      await cutOff.waitForLog('cart_merge_postponed');
      const again = await logIn(credentials, cart.token);
      expect(again.reply.body.cart).to.deep.equal({ adjustments: [] });
      expect(await again.cart.quantities()).to.deep.equal({ [cup]: 3 });
      expect(await shop.redis.client.exists(guestCart(cart.token!).key)).to.equal(0);
    });

    for (const [step, isNext] of [
      ['claimed', (command: string) => /cart:\{[^}]*\}:guest:/.test(command)],
      ['announced', (command: string) => command.includes('cart:guest:') && command.includes('evalsha')],
    ] as const) {
      it(`whose merge stops when it is ${step} are in the user's cart at the next read`, async () => {
        const [cup, pot] = products as [string, string];
        const { REDIS_STATE_URL = '' } = shop.env;
        const proxy = await openFaultProxy(REDIS_STATE_URL);
        const cutOff = await shop.start(['api'], {
          env: { REDIS_STATE_URL: proxy.through(REDIS_STATE_URL) },
        });
        const { email, password } = await visitor().signUp();
        const cart = guest();
        await cart.add(cup, 3);
        proxy.watchClient((bytes) => (isNext(bytes.toString().toLowerCase()) ? 'freeze' : 'forward'));
        const headers = { 'Cart-Token': cart.token! };
        const reply = await shop.client(cutOff).post('/auth/login', { email, password }, { headers });
        expect([reply.status, reply.body.cart]).to.deep.equal([200, null]);
        await cutOff.kill();

        const own = cartClient(visitor().withToken(reply.body.token));
        // An addition takes the cart over as well, and two concurrent reads take it over once.
        await Promise.all([own.add(pot, 1), own.get(), own.get()]);
        expect(await own.quantities()).to.deep.equal({ [cup]: 3, [pot]: 1 });
        expect(await cart.quantities()).to.deep.equal({});
        expect(await shop.redis.client.exists(guestCart(cart.token!).key)).to.equal(0);
        await logIn({ email, password }, cart.token);
        expect(await own.quantities()).to.deep.equal({ [cup]: 3, [pot]: 1 });
      });
    }

    it('that a process left half merged go to the same user at their next log-in', async () => {
      const [cup] = products as [string];
      const [owner, other] = [await visitor().signUp(), await visitor().signUp()];
      const cart = guest();
      await cart.add(cup, 3);
      // The state after a process died between the two scripts.
      await shop.redis.client.hset(guestCart(cart.token!).key, '#owner', owner.id);
      expect(await cart.quantities()).to.deep.equal({});
      expect((await cart.clear()).status).to.equal(204);
      expect((await logIn(other, cart.token)).reply.body.cart).to.equal(null);
      const { cart: merged, reply } = await logIn(owner, cart.token);
      expect(reply.body.cart).to.deep.equal({ adjustments: [] });
      expect(await merged.quantities()).to.deep.equal({ [cup]: 3 });
    });
  });
});
