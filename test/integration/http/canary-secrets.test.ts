import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { cartClient } from '../../support/shop/cart-client.ts';
import { imageUploads, picture } from '../../support/shop/image-uploads.ts';
import { bodiesWithSecret, canary, requestsWithSecrets } from './planted-secrets.ts';
import { openRawHttp, rawRequest } from '../../support/http/raw-http.ts';
import { redisSnapshot } from '../../support/servers/redis-snapshot.ts';
import { makeRouteSamples } from '../../support/http/route-samples.ts';
import { readRouteSurface, routeName } from '../../support/http/route-surface.ts';
import { sendToRoute } from '../../support/http/expect-refused.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';

const MAIN = fileURLToPath(new URL('../../../app/main.ts', import.meta.url));

/** Runs the app's entry point to its end and returns all its output. */
function runMain(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env, timeout: onThisMachine(10_000) },
      (error, stdout, stderr) => {
        resolve(`${error === null ? 'ended with 0' : 'failed'}\n${stdout}\n${stderr}`);
      },
    );
  });
}

describe('a secret', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let others: AppProcess[];
  before(async () => {
    const env = { LOG_LEVEL: 'debug' };
    [app, ...others] = await Promise.all([
      shop.start(['api'], { env }),
      shop.start(['worker'], { env: { ...env, IMAGE_POLL_MS: '20' } }),
      shop.start(['data-platform'], { env }),
    ]);
  });

  const processes = () => [app, ...others];
  /** Log lines of any process that contain one of the secrets. */
  const linesWith = (secrets: readonly string[], from: readonly AppProcess[] = processes()) =>
    from.flatMap(({ output }) => output.filter((line) => secrets.some((secret) => line.includes(secret))));

  /** Sends one last request and waits for its line: everything before it has been logged by then. */
  async function allIsLogged(): Promise<void> {
    const id = `last-${randomBytes(8).toString('hex')}`;
    await shop.client(app).get('/healthz', { headers: { 'X-Request-Id': id } });
    await app.waitForLog('http_request', ({ requestId }) => requestId === id);
  }

  it('of normal use is in no log, and only as its hash in MySQL and Redis', async function () {
    const password = canary();
    const wrong = canary();
    const visitor = shop.client(app);
    const guest = cartClient(visitor);
    const { id, ...own } = await visitor.signUp({ password });
    await visitor.post('/auth/login', { email: own.email, password: wrong });
    const [earlier, session] = [await visitor.logIn(own), await visitor.logIn(own)];
    const relogged = await earlier.post('/auth/login', own);
    await shop.database.write("UPDATE users SET role = 'admin' WHERE email = ?", [own.email]);
    const admin = await visitor.logIn(own);
    const made = await admin.post('/admin/products', { name: 'Cup', price: 10, stock: 100 });
    const productId = made.body.id as string;
    await guest.add(productId, 1);
    await session.charge(10_000);
    const order = await session.postOrder([{ productId, quantity: 1 }]);
    expect(order.status, order.text).to.equal(200);
    await session.request('POST', `/orders/${order.body.id}/cancel`, { key: 'cancel' });
    const uploads = imageUploads(shop, admin, productId);
    const announced = await uploads.announce(await picture('png'));
    const done = await uploads.upload(await picture('jpeg'), { contentType: 'image/jpeg' });
    await uploads.untilStatus(done.imageId, 'READY');
    await session.post('/auth/logout');
    await until(
      'both events are counted',
      async () => (await shop.database.value('SELECT COUNT(*) FROM processed_events')) === 2,
    );
    await allIsLogged();

    const [hash] = await shop.database.read<{ password_hash: string }>(
      'SELECT password_hash FROM users WHERE email = ?',
      [own.email],
    );
    const tokens = [earlier.token, session.token, admin.token, relogged.body.token, guest.token ?? ''];
    const secrets = [password, wrong, ...tokens];
    const { policy, 'X-Amz-Signature': signature } = announced.body.fields;
    const hidden = [hash?.password_hash, policy, signature].filter((text) => text !== undefined);
    expect(hidden).to.have.lengthOf.at.least(2);
    expect(linesWith([...secrets, ...hidden])).to.deep.equal([]);
    // Where an email address would help a reader of the log, the log has the user's id instead.
    expect(linesWith([own.email])).to.deep.equal([]);
    expect(linesWith([id])).not.to.deep.equal([]);

    const stored = [JSON.stringify(await redisSnapshot(shop.redis))];
    for (const value of Object.values(await redisSnapshot(shop.redis))) {
      stored.push(Buffer.from(value, 'base64').toString('latin1'));
    }
    for (const { name } of await shop.database.read<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    )) {
      const rows = await shop.database.read<Record<string, unknown>>(`SELECT * FROM \`${name}\``);
      const texts = rows
        .flatMap((row) => Object.values(row))
        .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : String(value)));
      stored.push(texts.join('\n'));
    }
    expect(stored.join('\n')).to.include(own.email);
    for (const secret of secrets) expect(stored.join('\n').includes(secret), 'stored').to.equal(false);
  });

  it('in a header, query, cookie, body or path of any route is in no log or error', async function () {
    const surface = await readRouteSurface(shop.env);
    const samples = await makeRouteSamples(shop, app);
    const planted: string[] = [];
    const plant = (): string => {
      const secret = canary();
      planted.push(secret);
      return secret;
    };
    /**
     * The secrets that a problem reveals. Two places are exempt: its `instance` is the path as it was sent,
     * and the problem names an unknown parameter.
     */
    const leaked = (text: string, target: string): string[] => {
      const { instance: _, errors = [], ...problem } = JSON.parse(text) as Record<string, unknown>;
      const details = (errors as { detail: string }[]).map(({ detail }) => detail);
      const shown = JSON.stringify([problem, details]);
      return planted.filter((secret) => shown.includes(secret) && !target.includes(`?${secret}=`));
    };
    let requests = 0;
    for (const route of surface.routes) {
      for (const request of requestsWithSecrets(route, samples, plant)) {
        const { status, text } = await sendToRoute(app, undefined, request);
        requests += 1;
        if (status >= 400) expect(leaked(text, request.target), text).to.deep.equal([]);
      }
    }
    // Send as an admin, past the guard, where the app checks values.
    for (const route of surface.routes.filter(({ path }) => !path.startsWith('/auth/'))) {
      const sample = samples.bodies[routeName(route)] as Record<string, unknown> | undefined;
      for (const body of bodiesWithSecret(sample, plant)) {
        const request = { route, target: samples.target(route), body };
        const { status, text } = await sendToRoute(app, samples.token, request);
        requests += 1;
        if (status >= 400) expect(leaked(text, request.target), text).to.deep.equal([]);
      }
    }
    await allIsLogged();
    console.log(`      ${requests} requests, ${planted.length} secrets`);
    const lines = linesWith(planted);
    expect(lines).to.deep.equal([]);
    // The requests were logged, without the secrets that they carried.
    expect(app.output.filter((line) => line.includes('[redacted]')).length).to.be.greaterThan(
      surface.routes.length,
    );
  });

  it('in bytes that are not HTTP is in no log and no response', async () => {
    const secret = canary();
    const raw = await openRawHttp(app.url);
    raw.write(`GET / HTTP/1.1\r\nHost: shop\r\nAuthorization Bearer ${secret}\r\n\r\n`);
    const { status, text } = await raw.reply();
    expect([status, text.includes(secret)]).to.deep.equal([400, false]);
    const long = await rawRequest(app.url, `GET / HTTP/1.1\r\nHost: shop\r\nCookie: a=${secret.repeat(500)}`);
    expect([long.status, long.text.includes(secret)]).to.deep.equal([431, false]);
    await allIsLogged();
    expect(linesWith([secret])).to.deep.equal([]);
  });

  it('of the configuration is in no log when every server rejects it', async () => {
    const secret = canary();
    const with_ = (url: string, user = 'rowlock') => {
      const changed = new URL(url);
      changed.username = user;
      changed.password = secret;
      return changed.href;
    };
    const broken = await shop.start(['api', 'worker', 'data-platform'], {
      startedBy: 'http_listening',
      env: {
        LOG_LEVEL: 'debug',
        DATABASE_URL: with_(shop.env['DATABASE_URL'] as string, 'stranger'),
        REDIS_STATE_URL: with_(shop.env['REDIS_STATE_URL'] as string),
        REDIS_CACHE_URL: with_(shop.env['REDIS_CACHE_URL'] as string),
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
        AWS_ACCESS_KEY_ID: secret,
        AWS_SECRET_ACCESS_KEY: secret,
      },
    });
    const client = shop.client(broken);
    await broken.waitForLog('database_not_ready');
    await broken.waitForLog('redis_connection_error');
    for (const path of ['/products', '/products/popular', '/status', '/cart', '/coupons']) {
      const { text } = await client.get(path);
      expect(text, path).not.to.include(secret);
    }
    const login = await client.post('/auth/login', { email: 'me@example.com', password: secret });
    expect([login.status, login.text.includes(secret)]).to.deep.equal([503, false]);
    const me = await client.withToken(canary()).get('/me');
    expect(me.body.code).to.equal('dependency_unavailable');
    expect(linesWith([secret], [broken])).to.deep.equal([]);
    await broken.kill();
  });

  it('of the configuration is in no crash report', async () => {
    const secret = canary();
    const path = process.env['PATH'] ?? '';
    const cases: readonly (readonly [string[], Record<string, string>])[] = [
      [['migrate'], { DATABASE_URL: `mysql://rowlock:${secret}@127.0.0.1:99999/shop` }],
      [['migrate'], { DATABASE_URL: `mysql://rowlock:${secret}@127.0.0.1:1/shop` }],
      [['migrate'], { DATABASE_URL: secret }],
      [['api'], { DATABASE_URL: `mysql://rowlock:${secret}@127.0.0.1:99999/shop` }],
      [['api'], { ...shop.env, HTTP_HOST: '203.0.113.1', REDIS_STATE_URL: `redis://:${secret}@127.0.0.1:1` }],
    ];
    for (const [args, env] of cases) {
      const output = await runMain(args, { PATH: path, ...env });
      expect(output.split('\n')[0], output).to.equal('failed');
      expect(output.length, 'it says why').to.be.greaterThan(50);
      expect(output.includes(secret), output).to.equal(false);
    }
  });
});
