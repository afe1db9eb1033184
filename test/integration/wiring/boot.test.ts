import { expect } from 'chai';
import { migrate } from '../../../app/migrations/migrate.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { createEmptyDatabase } from '../../support/servers/database.ts';
import { openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

describe('a process', () => {
  const shop = useTestShop();

  /** Starts an API that listens but is not ready yet. */
  const startUnready = (env: Readonly<Record<string, string>>) =>
    shop.start(['api'], { env, startedBy: 'http_listening' });
  const becomesReady = (app: AppProcess) =>
    until('the app is ready', async () => (await shop.client(app).get('/readyz')).status === 200);

  it('on an empty database is alive, and becomes ready after the migration', async () => {
    const database = await createEmptyDatabase();
    const app = await startUnready({ DATABASE_URL: database.url });
    const client = shop.client(app);
    const unready = await client.get('/readyz');
    expect(unready.status).to.equal(503);
    expect(unready.body.code).to.equal('dependency_unavailable');
    expect((await client.get('/healthz')).status).to.equal(200);
    await migrate(database.url);
    await becomesReady(app);
    expect((await client.get('/products')).body).to.deep.equal({ data: [], nextCursor: null });
    await app.stop();
  });

  it('waits for a missing database', async () => {
    const proxy = await openFaultProxy(shop.env.DATABASE_URL as string);
    await proxy.refuse();
    const app = await startUnready({ DATABASE_URL: proxy.through(shop.env.DATABASE_URL as string) });
    expect((await shop.client(app).get('/readyz')).status).to.equal(503);
    await proxy.pass();
    await becomesReady(app);
    await app.stop();
  });

  it('becomes ready without Redis and serves the catalogue', async () => {
    const proxy = await openFaultProxy(shop.env.REDIS_STATE_URL as string);
    await proxy.refuse();
    const url = proxy.through(shop.env.REDIS_STATE_URL as string);
    const app = await shop.start(['api'], { env: { REDIS_STATE_URL: url, REDIS_CACHE_URL: url } });
    expect((await shop.client(app).get('/readyz')).status).to.equal(200);
    expect((await shop.client(app).get('/products')).status).to.equal(200);
    await app.stop();
  });

  it('with a queue that does not exist says so, is ready, and answers 503 to /status', async () => {
    const ORDER_EVENTS_QUEUE_URL = (shop.env.ORDER_EVENTS_QUEUE_URL as string).replace(/[^/]+$/, 'nowhere');
    const app = await shop.start(['api'], { env: { EVENTS: 'sqs', ORDER_EVENTS_QUEUE_URL } });
    const said = await app.waitForLog('events_unavailable');
    expect(said['reason']).to.match(
      /^SQS at http:\S+\/nowhere cannot be used: The specified queue does not exist/,
    );
    const client = shop.client(app);
    expect((await client.get('/readyz')).status).to.equal(200);
    const { status, body } = await client.get('/status');
    expect(status).to.equal(503);
    expect(body).to.include({ code: 'dependency_unavailable', detail: 'Down: sqs.' });
    expect(body.dependencies.sqs.status).to.equal('down');
    expect(body.dependencies.mysql.status).to.equal('up');
    await app.stop();
  });

  it('that is stopped before it is ready exits with 0', async () => {
    const database = await createEmptyDatabase();
    const app = await startUnready({ DATABASE_URL: database.url });
    await app.waitForLog('database_not_ready');
    await app.stop();
    expect(app.logs.some(({ event }) => event === 'role_started')).to.equal(false);
  });

  const refusals: Record<string, { env: Record<string, string>; names: readonly string[] }> = {
    'no settings': {
      env: {
        DATABASE_URL: '',
        REDIS_STATE_URL: '',
        REDIS_CACHE_URL: '',
        ORDER_EVENTS_QUEUE_URL: '',
        IMAGES_BUCKET: '',
        IMAGES_BASE_URL: '',
      },
      names: [
        'DATABASE_URL',
        'REDIS_STATE_URL',
        'REDIS_CACHE_URL',
        'ORDER_EVENTS_QUEUE_URL',
        'IMAGES_BUCKET',
        'IMAGES_BASE_URL',
      ],
    },
    'an unsupported database': {
      env: { DATABASE_URL: 'postgres://rowlock:canary-secret@127.0.0.1/shop' },
      names: ['DATABASE_URL'],
    },
    'a password in place of a number': {
      env: { RELAY_POLL_MS: 'canary-secret', REDIS_STATE_URL: 'canary-secret' },
      names: ['RELAY_POLL_MS', 'REDIS_STATE_URL'],
    },
    'numbers out of bounds': {
      env: {
        HTTP_PORT: '70000',
        DATABASE_POOL_MAX: '0',
        PASSWORD_HASHING: 'scrypt:31',
        DRAIN_TIMEOUT_MS: '1.5',
      },
      names: ['HTTP_PORT', 'DATABASE_POOL_MAX', 'PASSWORD_HASHING', 'DRAIN_TIMEOUT_MS'],
    },
  };
  for (const [title, { env, names }] of Object.entries(refusals)) {
    it(`with ${title} exits with an error that names the variables, not their values`, async () => {
      const message = await shop.start(['api', 'worker'], { env }).then(
        () => 'it started',
        (error: Error) => error.message,
      );
      expect(message).to.match(/ended with code [1-9]/);
      for (const name of names) expect(message).to.include(name);
      for (const value of Object.values(env)) {
        if (value.length > 1) expect(message).not.to.include(value);
      }
      expect(message).not.to.include('canary-secret');
    });
  }

  it('with a port in use exits with an error that says so', async () => {
    const first = await shop.start(['api']);
    const message = await shop.start(['api'], { env: { HTTP_PORT: new URL(first.url).port } }).then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(message)
      .to.match(/ended with code [1-9]/)
      .and.to.include('EADDRINUSE');
  });
});
