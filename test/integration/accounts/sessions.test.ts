import { expect } from 'chai';
import { createAuthentication } from '../../../app/accounts/authenticate.ts';
import { createSessions, sessionIdOf } from '../../../app/accounts/sessions.ts';
import { openDatabase } from '../../../app/platform/mysql/database.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { openRedis } from '../../../app/platform/redis/redis.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { HttpClient } from '../../support/shop/http-client.ts';
import { machinePace } from '../../../scripts/test-suites/machine-pace.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { startOwnRedis } from '../../support/servers/own-redis.ts';
import { sessionTimes } from '../../support/shop/session-times.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('the life of a session', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let other: AppProcess;
  before(async () => {
    [app, other] = await Promise.all([shop.start(['api']), shop.start(['api'])]);
  });

  const credentials = async () => {
    const { id: _, ...own } = await shop.client(app).signUp();
    return own;
  };
  const statusOf = async (client: HttpClient) => (await client.get('/me')).status;

  describe('at log-in', () => {
    for (const by of ['cookie', 'bearer'] as const) {
      it(`ends only the session that was sent as a ${by}`, async () => {
        const own = await credentials();
        const client = shop.client(app);
        const [earlier, elsewhere] = [await client.logIn(own), await client.logIn(own)];
        const headers: Record<string, string> =
          by === 'cookie'
            ? { Cookie: `theme=dark; rowlock_session=${earlier.token}`, Origin: app.url }
            : { Authorization: `Bearer ${earlier.token}` };
        const reply = await client.post('/auth/login', own, { headers });
        expect(reply.status, reply.text).to.equal(200);
        expect(reply.body.token).not.to.equal(earlier.token);
        expect(await statusOf(earlier)).to.equal(401);
        expect(await statusOf(elsewhere)).to.equal(200);
        expect(await statusOf(client.withToken(reply.body.token))).to.equal(200);
      });
    }

    it('keeps the sent session when the password is wrong', async () => {
      const own = await credentials();
      const earlier = await shop.client(app).logIn(own);
      const wrong = { ...own, password: 'not the password' };
      expect((await earlier.post('/auth/login', wrong)).status).to.equal(401);
      expect(await statusOf(earlier)).to.equal(200);
    });

    it('accepts no token chosen by the client: a planted one does not become a session', async () => {
      const planted = 'A'.repeat(43);
      const headers = { Cookie: `rowlock_session=${planted}`, Origin: app.url };
      const reply = await shop.client(app).post('/auth/login', await credentials(), { headers });
      expect(reply.body.token).not.to.equal(planted);
      expect(await statusOf(shop.client(app).withToken(planted))).to.equal(401);
    });

    it("rejects another origin's page, which could log a visitor in to another account", async () => {
      const own = await credentials();
      for (const path of ['/auth/login', '/auth/signup']) {
        for (const Origin of ['https://evil.example', 'null']) {
          const reply = await shop.client(app).post(path, own, { headers: { Origin } });
          expect([reply.status, reply.body.code], path).to.deep.equal([403, 'origin_not_allowed']);
          expect(reply.headers.get('set-cookie')).to.equal(null);
        }
      }
      const reply = await shop.client(app).post('/auth/login', own, { headers: { Origin: app.url } });
      expect(reply.status).to.equal(200);
    });

    it('ends the oldest of more than fifty sessions', async () => {
      const own = await credentials();
      const first = await shop.client(app).logIn(own);
      const sessions = [first];
      while (sessions.length < 50) sessions.push(await shop.client(app).logIn(own));
      expect(await statusOf(first)).to.equal(200);
      await shop.client(app).logIn(own);
      expect(await statusOf(first)).to.equal(401);
      for (const session of sessions.slice(1)) expect(await statusOf(session)).to.equal(200);
    });

    it('does not count ended sessions among the fifty', async () => {
      const own = await credentials();
      const first = await shop.client(app).logIn(own);
      for (let ended = 0; ended < 50; ended += 1) {
        await (await shop.client(app).logIn(own)).post('/auth/logout');
      }
      expect(await statusOf(first)).to.equal(200);
    });
  });

  it('lasts 30 days without a request for a customer, 30 minutes for an admin', async () => {
    const client = shop.client(app);
    for (const [role, idleS, cookieS] of [
      ['customer', 30 * 86_400, 365 * 86_400],
      ['admin', 30 * 60, 7 * 86_400],
    ] as const) {
      const own = await credentials();
      await shop.database.write('UPDATE users SET role = ? WHERE email = ?', [role, own.email]);
      const login = await client.post('/auth/login', own);
      expect(login.headers.get('set-cookie')).to.include(`Max-Age=${cookieS};`);
      const key = `session:${sessionIdOf(login.body.token as string)}`;
      expect(await shop.redis.client.ttl(key)).to.be.within(idleS - 60, idleS);
      // A process that has not seen the session before postpones its end.
      await shop.redis.client.expire(key, 60);
      expect(await statusOf(client.withToken(login.body.token).at(other.url))).to.equal(200);
      expect(await shop.redis.client.ttl(key)).to.be.within(idleS - 60, idleS);
    }
  });

  describe('with short limits', () => {
    it('expires without requests and lasts with them', async () => {
      // On a busy machine, the session in use may get no request for more than 1 s.
      const idleS = Math.ceil(machinePace());
      const quick = await shop.start(['api'], { env: { SESSION_IDLE_S: String(idleS) } });
      const [used, idle] = [await shop.client(quick).newCustomer(), await shop.client(quick).newCustomer()];
      const startMs = performance.now();
      await until('the idle one is gone from Redis while the other is used', async () => {
        expect(await statusOf(used)).to.equal(200);
        const isGone = (await shop.redis.client.exists(`session:${sessionIdOf(idle.token)}`)) === 0;
        return isGone && performance.now() - startMs > 2500 * idleS;
      });
      expect(await statusOf(idle)).to.equal(401);
      expect(await statusOf(used)).to.equal(200);
      await quick.stop();
    });

    it('expires sooner for an admin than for a customer', async () => {
      const quick = await shop.start(['api'], { env: { ADMIN_SESSION_IDLE_S: '1' } });
      const client = shop.client(quick);
      const own = await credentials();
      await shop.database.write("UPDATE users SET role = 'admin' WHERE email = ?", [own.email]);
      const [admin, customer] = [await client.logIn(own), await client.newCustomer()];
      const isKept = async (token: string) =>
        (await shop.redis.client.exists(`session:${sessionIdOf(token)}`)) === 1;
      await until('the idle session of the admin is gone', async () => !(await isKept(admin.token)));
      expect(await statusOf(admin)).to.equal(401);
      expect(await isKept(customer.token)).to.equal(true);
      await quick.stop();
    });

    it('expires at its maximum age, used or not, and leaves nothing in Redis', async () => {
      const quick = await shop.start(['api'], { env: { SESSION_TTL_MAX_S: '2' } });
      const client = shop.client(quick);
      const own = await credentials();
      const startMs = performance.now();
      const login = await client.post('/auth/login', own);
      const maxAge = /Max-Age=(\d+)/.exec(login.headers.get('set-cookie') ?? '')?.[1];
      expect(maxAge).to.equal('2');
      const session = client.withToken(login.body.token);
      expect(await statusOf(session)).to.equal(200);
      await until('the session has expired', async () => (await statusOf(session)) === 401);
      expect(performance.now() - startMs).to.be.within(1900, onThisMachine(6000));
      expect(await shop.redis.client.exists(`session:${sessionIdOf(login.body.token as string)}`)).to.equal(
        0,
      );
      expect(await statusOf(session)).to.equal(401);
      await quick.stop();
    });
  });

  describe('logging out everywhere', () => {
    it("ends every session of the user at once, in every process, and no other user's", async () => {
      const own = await credentials();
      const client = shop.client(app);
      const sessions = [await client.logIn(own), await client.logIn(own), await client.logIn(own)];
      const stranger = await client.newCustomer();
      for (const session of sessions) expect(await statusOf(session.at(other.url))).to.equal(200);
      const reply = await sessions[1]?.post('/auth/logout-everywhere');
      expect(reply?.status).to.equal(204);
      expect(reply?.headers.get('set-cookie')).to.match(/^rowlock_session=; .*Max-Age=0/);
      for (const session of sessions) {
        expect(await statusOf(session)).to.equal(401);
        expect(await statusOf(session.at(other.url))).to.equal(401);
      }
      expect(await statusOf(stranger)).to.equal(200);
      expect(await statusOf((await client.logIn(own)).at(other.url))).to.equal(200);
    });

    it("requires a session, and with a cookie the shop's own origin", async () => {
      const customer = await shop.client(app).newCustomer();
      expect((await shop.client(app).post('/auth/logout-everywhere')).status).to.equal(401);
      const headers = { Cookie: `rowlock_session=${customer.token}`, Origin: 'https://evil.example' };
      const foreign = await shop.client(app).post('/auth/logout-everywhere', undefined, { headers });
      expect(foreign.body.code).to.equal('origin_not_allowed');
      expect(await statusOf(customer)).to.equal(200);
    });

    it('stays in effect when Redis restores old sessions, as a stale replica does', async () => {
      const redis = await startOwnRedis();
      const env = { REDIS_STATE_URL: redis.url, REDIS_CACHE_URL: redis.url };
      const [here, there] = await Promise.all([shop.start(['api'], { env }), shop.start(['api'], { env })]);
      const own = await credentials();
      const client = shop.client(here);
      const [one, two] = [await client.logIn(own), await client.logIn(own)];
      const copies = await Promise.all(
        (await redis.client.keys('session:*')).map(
          async (key) => [key, await redis.client.dumpBuffer(key)] as const,
        ),
      );
      expect(copies).to.have.lengthOf(2);

      expect((await one.post('/auth/logout-everywhere')).status).to.equal(204);
      await redis.client.flushall();
      const fresh = await client.logIn(own);
      for (const [key, value] of copies) await redis.client.restore(key, 0, value ?? Buffer.alloc(0));

      for (const process of [here, there]) {
        for (const session of [one, two]) expect(await statusOf(session.at(process.url))).to.equal(401);
        expect(await statusOf(fresh.at(process.url))).to.equal(200);
      }
      await Promise.all([here.stop(), there.stop()]);
    });

    it('reaches a process that caches the user within 30 s, even if Redis restores the session', async () => {
      const log = createLog({ level: 'error', role: 'test', stage: 'test' });
      const redis = openRedis({ url: shop.redis.url, role: 'state', log });
      await redis.ready(2000);
      let nowMs = Date.now();
      const database = openDatabase({
        writerUrl: shop.database.url,
        connectionsMax: 2,
        log,
        nowMs: () => nowMs,
        random: () => 0.5,
      });
      onCleanup(async () => {
        await Promise.all([redis.close(), database.close()]);
      });
      const sessions = createSessions({ redis, times: sessionTimes, nowMs: () => nowMs });
      const remembering = createAuthentication({ database, sessions, steadyMs: () => nowMs });

      const customer = await shop.client(app).newCustomer();
      expect(await remembering.authenticate(customer.token)).to.include({ userId: customer.userId });
      const start = { userId: customer.userId, epoch: 0, createdAtMs: nowMs };
      const stale = await sessions.create(start, 'customer');
      expect((await customer.post('/auth/logout-everywhere')).status).to.equal(204);
      expect(await remembering.authenticate(customer.token)).to.equal(undefined);
      expect(await remembering.authenticate(stale)).to.equal(undefined);

      const broughtBack = await sessions.create(start, 'customer');
      expect(await remembering.authenticate(broughtBack)).to.include({ userId: customer.userId });
      nowMs += 30_000;
      expect(await remembering.authenticate(broughtBack)).to.equal(undefined);
    });
  });
});
