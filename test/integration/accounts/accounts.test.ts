import { expect } from 'chai';
import { createConnection } from 'mysql2/promise';
import { sessionIdOf } from '../../../app/accounts/sessions.ts';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { insistOnBusyMachine } from '../../support/shop/insist.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const password = 'correct horse battery';
/** Number of sign-ups that may wait behind one hash. */
const SIGN_UPS = 11;
/** A busy machine may let the log-in arrive last. */
const ATTEMPTS_MAX = 3;

describe('accounts and sessions', () => {
  const shop = useTestShop();
  let app: AppProcess;
  before(async () => {
    app = await shop.start(['api']);
  });

  const storedHash = (id: string) =>
    shop.database.value<string>('SELECT password_hash FROM users WHERE id = ?', [uuidBytes(id)]);

  it('opens an account with an empty wallet', async () => {
    const { id, email } = await shop.client(app).signUp({ email: 'Ann.Upper@Example.com' });
    expect(email).to.equal('Ann.Upper@Example.com');
    const rows = await shop.database.read(
      `SELECT u.email, u.role, u.password_hash, w.balance, w.version FROM users u
       JOIN wallets w ON w.user_id = u.id WHERE u.id = ?`,
      [uuidBytes(id)],
    );
    expect(rows).to.have.lengthOf(1);
    expect(rows[0]).to.include({ email: 'ann.upper@example.com', role: 'customer', balance: 0, version: 0 });
    expect(rows[0])
      .to.have.property('password_hash')
      .that.matches(/^\$argon2id\$v=19\$m=1024,t=1,p=1\$/)
      .and.does.not.include(password);
  });

  it('rejects a second account for the same address, in any spelling', async () => {
    const client = shop.client(app);
    await client.signUp({ email: 'twice@example.com' });
    const reply = await client.post('/auth/signup', { email: 'TWICE@example.com', password });
    expect(reply.status).to.equal(409);
    expect(reply.body.code).to.equal('email_taken');
    expect(
      await shop.database.value("SELECT COUNT(*) FROM users WHERE email = 'twice@example.com'"),
    ).to.equal(1);
  });

  it('rehashes a password at log-in when another scheme or cost is configured', async () => {
    const earlier = await shop.start(['api'], { env: { PASSWORD_HASHING: 'scrypt:12' } });
    const { id, ...own } = await shop.client(earlier).signUp();
    const before = await storedHash(id);
    expect(before).to.match(/^scrypt\$12\$/);
    const wrong = await shop.client(app).post('/auth/login', { ...own, password: 'another one' });
    expect(wrong.status).to.equal(401);
    expect(await storedHash(id)).to.equal(before);
    await shop.client(app).logIn(own);
    const after = await storedHash(id);
    expect(after).to.match(/^\$argon2id\$v=19\$m=1024,t=1,p=1\$/);
    await shop.client(app).logIn(own);
    expect(await storedHash(id)).to.equal(after);
    await shop.client(earlier).logIn(own);
    expect(await storedHash(id)).to.match(/^scrypt\$12\$/);
    await earlier.stop();
  });

  it('does not rehash over a password that is changed during the log-in', async () => {
    const earlier = await shop.start(['api'], { env: { PASSWORD_HASHING: 'scrypt:12' } });
    const { id, ...own } = await shop.client(earlier).signUp();
    await earlier.stop();
    const other = await createConnection(shop.database.url);
    try {
      await other.beginTransaction();
      await other.query("UPDATE users SET password_hash = 'scrypt$12$new$new' WHERE id = ?", [uuidBytes(id)]);
      // The log-in reads the old hash and waits with the new one for the row.
      const loggedIn = shop.client(app).logIn(own);
      await until('the log-in waits', async () => {
        const waiting =
          "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'UPDATE users SET%'";
        return (await shop.database.value(waiting)) === 1;
      });
      await other.commit();
      await loggedIn;
      expect(await storedHash(id)).to.equal('scrypt$12$new$new');
    } finally {
      other.destroy();
    }
  });

  it('rehashes within the same log-in, without queueing again', async () => {
    const release = await shop.start(['api'], {
      env: { PASSWORD_HASHING: 'argon2id:m=19456,t=2', PASSWORD_THREADS_MAX: '1' },
    });
    const client = shop.client(release);
    for (let attempt = 1; ; attempt += 1) {
      const own = await shop.client(app).signUp({ password });
      const answered: string[] = [];
      const send = async (path: string, email: string, status: number) => {
        const reply = await insistOnBusyMachine(() => client.post(path, { email, password }));
        expect(reply.status, reply.text).to.equal(status);
        answered.push(path);
      };
      const signUps = Array.from({ length: SIGN_UPS }, (_, index) => `turn-${attempt}-${index}@example.com`);
      await Promise.all([
        send('/auth/login', own.email, 200),
        ...signUps.map((email) => send('/auth/signup', email, 201)),
      ]);
      // The log-in may arrive behind sign-ups, at worst all, but its rehash does not queue a second time.
      if (answered.indexOf('/auth/login') < SIGN_UPS) break;
      expect(attempt, answered.join()).to.be.lessThan(ATTEMPTS_MAX);
    }
    await release.stop();
  });

  it('creates one account for ten concurrent sign-ups', async () => {
    const client = shop.client(app);
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => client.post('/auth/signup', { email: 'race@example.com', password })),
    );
    expect(replies.filter(({ status }) => status === 201)).to.have.lengthOf(1);
    expect(await shop.database.value("SELECT COUNT(*) FROM users WHERE email = 'race@example.com'")).to.equal(
      1,
    );
    expect(await shop.database.value('SELECT COUNT(*) FROM users')).to.equal(
      await shop.database.value('SELECT COUNT(*) FROM wallets'),
    );
  });

  it('accepts no role, id or balance from a request', async () => {
    for (const extra of [{ role: 'admin' }, { id: 'x' }, { balance: 1 }, { sessionEpoch: 1 }]) {
      const reply = await shop
        .client(app)
        .post('/auth/signup', { email: 'mass@example.com', password, ...extra });
      expect(reply.status).to.equal(400);
    }
    expect(await shop.database.value("SELECT COUNT(*) FROM users WHERE email = 'mass@example.com'")).to.equal(
      0,
    );
  });

  it('returns the same response for a wrong password and an unknown address', async () => {
    const client = shop.client(app);
    const { email } = await client.signUp();
    const wrong = await client.post('/auth/login', { email, password: 'not the password' });
    const unknown = await client.post('/auth/login', { email: 'nobody@example.com', password });
    for (const reply of [wrong, unknown]) {
      expect(reply.status).to.equal(401);
      const { traceId, ...body } = reply.body;
      expect(traceId).to.be.a('string');
      expect(body).to.deep.equal({
        type: 'urn:rowlock:problem:invalid_credentials',
        title: 'E-mail address or password is wrong.',
        status: 401,
        instance: '/auth/login',
        code: 'invalid_credentials',
      });
    }
  });

  it('stores a session under the hash of its token', async () => {
    const customer = await shop.client(app).newCustomer();
    expect((await customer.get('/me')).body).to.include({ id: customer.userId, role: 'customer' });
    const keys = await shop.redis.client.keys('session:*');
    expect(keys.join()).not.to.include(customer.token);
    expect(keys).to.include(`session:${sessionIdOf(customer.token)}`);
  });

  it('ends a session that Redis has lost', async () => {
    const customer = await shop.client(app).newCustomer();
    expect((await customer.get('/me')).status).to.equal(200);
    await shop.redis.flush();
    expect((await customer.get('/me')).body.code).to.equal('unauthenticated');
  });

  it('ends a session a year after log-in, even if it is used', async () => {
    const customer = await shop.client(app).newCustomer();
    const longAgoMs = Date.now() - 366 * 24 * 60 * 60 * 1000;
    for (const key of await shop.redis.client.keys('session:*')) {
      const [userId, epoch] = JSON.parse((await shop.redis.client.get(key)) ?? '[]') as [string, number];
      if (userId === customer.userId)
        await shop.redis.client.set(key, JSON.stringify([userId, epoch, longAgoMs]));
    }
    expect((await customer.get('/me')).status).to.equal(401);
  });

  it('ends every session of a user when the epoch is raised, whatever Redis contains', async () => {
    const customer = await shop.client(app).newCustomer();
    await shop.database.write('UPDATE users SET session_epoch = session_epoch + 1 WHERE id = ?', [
      uuidBytes(customer.userId),
    ]);
    // A process that has not seen the user yet queries MySQL; a process that has may answer for 30 s more.
    const other = await shop.start(['api']);
    expect((await customer.at(other.url).get('/me')).status).to.equal(401);
    await other.stop();
  });

  it('logs out only this session', async () => {
    const client = shop.client(app);
    const { id: _, ...credentials } = await client.signUp();
    const [one, other] = await Promise.all([client.logIn(credentials), client.logIn(credentials)]);
    expect(one.token).not.to.equal(other.token);
    expect((await one.post('/auth/logout')).status).to.equal(204);
    expect((await one.get('/me')).status).to.equal(401);
    expect((await other.get('/me')).status).to.equal(200);
  });

  it('accepts only complete tokens', async () => {
    const customer = await shop.client(app).newCustomer();
    const { token } = customer;
    const wrong = ['', 'x', token.slice(1), `${token}x`, `${token.slice(0, -1)}!`, token.toUpperCase()];
    for (const other of wrong) {
      expect((await shop.client(app).withToken(other).get('/me')).status, other).to.equal(401);
    }
    const basic = await shop.client(app).get('/me', { headers: { Authorization: `Basic ${token}` } });
    expect(basic.status).to.equal(401);
    expect(basic.headers.get('www-authenticate')).to.equal('Bearer');
  });

  describe('with a cookie', () => {
    const cookieOf = async () => {
      const client = shop.client(app);
      const { id: _, ...credentials } = await client.signUp();
      const reply = await client.post('/auth/login', credentials);
      return reply.headers.get('set-cookie') ?? '';
    };

    it('sets HttpOnly and SameSite, and uses the plain name on loopback HTTP', async () => {
      const header = await cookieOf();
      expect(header).to.match(
        /^rowlock_session=[A-Za-z0-9_-]{43}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/,
      );
    });

    it('sets Secure and the __Host- name elsewhere, and accepts no other name there', async () => {
      const secure = await shop.start(['api'], { env: { COOKIE_SECURE: 'true' } });
      const client = shop.client(secure);
      const { id: _, ...credentials } = await client.signUp();
      const header = (await client.post('/auth/login', credentials)).headers.get('set-cookie') ?? '';
      expect(header).to.match(/^__Host-rowlock_session=[A-Za-z0-9_-]{43}; .*; Secure; SameSite=Lax$/);
      const [pair] = header.split(';');
      expect((await client.get('/me', { headers: { Cookie: pair ?? '' } })).status).to.equal(200);
      const tossed = (pair ?? '').replace('__Host-', '');
      expect((await client.get('/me', { headers: { Cookie: tossed } })).status).to.equal(401);
      await secure.stop();
    });

    it('allows reads without an Origin, and writes only from its own or an allowed one', async () => {
      const [Cookie = ''] = (await cookieOf()).split(';');
      const client = shop.client(app);
      expect((await client.get('/me', { headers: { Cookie } })).status).to.equal(200);
      const charge = (headers: Record<string, string>) =>
        client.post(
          '/me/balance/charges',
          { amount: 1 },
          { headers: { Cookie, ...headers }, key: crypto.randomUUID() },
        );
      const foreign = [
        'https://evil.example',
        'null',
        app.url.replace('http:', 'https:'),
        `${app.url}.evil.example`,
      ];
      for (const headers of [{}, ...foreign.map((Origin) => ({ Origin }))]) {
        const reply = await charge(headers);
        expect(reply.status).to.equal(403);
        expect(reply.body.code).to.equal('origin_not_allowed');
      }
      expect((await charge({ Origin: app.url })).status).to.equal(200);
      const forged = await charge({ Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' });
      expect(forged.status).to.equal(403);
    });
  });
});
