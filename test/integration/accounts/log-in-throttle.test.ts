import { expect } from 'chai';
import type { AppProcess } from '../../support/shop/app-process.ts';
import type { Credentials, HttpReply } from '../../support/shop/http-client.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { startOwnRedis } from '../../support/servers/own-redis.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

const home = '203.0.113.1';
const elsewhere = '203.0.113.2';

/** Limits from password.ts; the queue length is the one for one thread. */
const QUEUE_WAIT_MAX_MS = 6000;
const QUEUE_LENGTH = 250;
const CROWD = 400;

describe('the throttle of log-ins', () => {
  const shop = useTestShop();
  /** Starts the app behind one trusted proxy, so that a test can send from any address. */
  const start = (env: Readonly<Record<string, string>>) =>
    shop.start(['api'], { env: { TRUST_PROXY: '1', ...env } });
  const logIn = (app: AppProcess, body: Credentials, address: string) =>
    shop.client(app).post('/auth/login', body, { headers: { 'X-Forwarded-For': address } });
  const credentials = async (app: AppProcess): Promise<Credentials> => {
    const { id: _, ...own } = await shop.client(app).signUp();
    return own;
  };
  const wrong = ({ email }: { email: string }) => ({ email, password: 'not the password' });

  beforeEach(() => shop.redis.flush());

  async function statuses(count: number, send: (index: number) => Promise<HttpReply>): Promise<number[]> {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push((await send(index)).status);
    return found;
  }

  it('rejects an account from an address with too many failures, even with the right password', async () => {
    const app = await start({ LOGIN_FAILURES_PAIR: '3/60' });
    const own = await credentials(app);
    expect(await statuses(5, () => logIn(app, wrong(own), home))).to.deep.equal([401, 401, 401, 429, 429]);
    const refused = await logIn(app, own, home);
    expect([refused.status, refused.body.code]).to.deep.equal([429, 'rate_limited']);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(refused.headers.get('set-cookie')).to.equal(null);
    expect((await logIn(app, own, elsewhere)).status).to.equal(200);
    // Another account may still log in from the same address.
    expect((await logIn(app, await credentials(app), home)).status).to.equal(200);
    await app.stop();
  });

  it('treats an unknown account like an existing one', async () => {
    const app = await start({ LOGIN_FAILURES_PAIR: '3/60', LOGIN_FAILURES_ACCOUNT: '4/60' });
    const nobody = { email: 'nobody@example.com' };
    const found = await statuses(5, () => logIn(app, wrong(nobody), home));
    expect(found).to.deep.equal([401, 401, 401, 429, 429]);
    expect(await statuses(2, () => logIn(app, wrong(nobody), elsewhere))).to.deep.equal([401, 429]);
    await app.stop();
  });

  it('rejects without hashing the password', async () => {
    const app = await start({ LOGIN_FAILURES_PAIR: '2/60', PASSWORD_HASHING: 'scrypt:16' });
    const nobody = { email: 'nobody@example.com' };
    const timed = async () => {
      const startMs = performance.now();
      const { status } = await logIn(app, wrong(nobody), home);
      return { status, durationMs: performance.now() - startMs };
    };
    const looked = await timed();
    expect((await timed()).status).to.equal(401);
    const refused = await timed();
    expect([looked.status, refused.status]).to.deep.equal([401, 429]);
    expect(refused.durationMs).to.be.lessThan(looked.durationMs / 2);
    await app.stop();
  });

  it('admits the user again when the window has ended', async () => {
    const app = await start({ LOGIN_FAILURES_PAIR: '2/2' });
    const own = await credentials(app);
    expect(await statuses(3, () => logIn(app, wrong(own), home))).to.deep.equal([401, 401, 429]);
    const startMs = performance.now();
    await until('the log-in works', async () => (await logIn(app, own, home)).status === 200);
    expect(performance.now() - startMs).to.be.lessThan(onThisMachine(4000));
    await app.stop();
  });

  it('counts no failure for the right password', async () => {
    const app = await start({
      LOGIN_FAILURES_PAIR: '3/60',
      LOGIN_FAILURES_ADDRESS: '8/60',
      LOGIN_FAILURES_ACCOUNT: '8/60',
    });
    const own = await credentials(app);
    for (let round = 0; round < 3; round += 1) {
      expect(await statuses(2, () => logIn(app, wrong(own), home))).to.deep.equal([401, 401]);
      expect(await statuses(4, () => logIn(app, own, home))).to.deep.equal([200, 200, 200, 200]);
    }
    await app.stop();
  });

  it('rejects many guessing addresses together, but never the user at a known address', async () => {
    const app = await start({ LOGIN_FAILURES_PAIR: '3/60', LOGIN_FAILURES_ACCOUNT: '5/60' });
    const own = await credentials(app);
    expect((await logIn(app, own, home)).status).to.equal(200);
    const guesses = await statuses(12, (index) => logIn(app, wrong(own), `198.51.100.${index}`));
    expect(guesses).to.deep.equal([...Array(5).fill(401), ...Array(7).fill(429)]);
    // From an address that the account does not know, the right password counts no more than the guesses.
    expect((await logIn(app, own, elsewhere)).status).to.equal(429);
    expect(await statuses(2, () => logIn(app, wrong(own), home))).to.deep.equal([401, 401]);
    expect((await logIn(app, own, home)).status).to.equal(200);
    await app.stop();
  });

  it('rejects only the address that tries many accounts', async () => {
    const app = await start({ LOGIN_FAILURES_ADDRESS: '4/60' });
    const own = await credentials(app);
    const spray = await statuses(6, (index) =>
      logIn(app, wrong({ email: `user${index}@example.com` }), elsewhere),
    );
    expect(spray).to.deep.equal([401, 401, 401, 401, 429, 429]);
    expect((await logIn(app, own, home)).status).to.equal(200);
    await app.stop();
  });

  it('does not count rejected attempts towards the next limit', async () => {
    const app = await start({ LOGIN_FAILURES_ADDRESS: '2/2', LOGIN_FAILURES_PAIR: '3/600' });
    const own = await credentials(app);
    await statuses(2, (index) => logIn(app, wrong({ email: `user${index}@example.com` }), home));
    expect(await statuses(5, () => logIn(app, own, home))).to.deep.equal(Array(5).fill(429));
    await until(
      'the window of the address has ended',
      async () => (await logIn(app, own, home)).status === 200,
    );
    await app.stop();
  });

  it('cannot be used by one address to lock a user out', async () => {
    const app = await start({ LOGIN_FAILURES_PAIR: '3/60', LOGIN_FAILURES_ACCOUNT: '5/60' });
    const own = await credentials(app);
    await statuses(20, () => logIn(app, wrong(own), elsewhere));
    expect((await logIn(app, own, home)).status).to.equal(200);
    await app.stop();
  });

  it('counts concurrent attempts at two processes exactly', async () => {
    const apps = await Promise.all([
      start({ LOGIN_FAILURES_PAIR: '4/60' }),
      start({ LOGIN_FAILURES_PAIR: '4/60' }),
    ]);
    const own = await credentials(apps[0]);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => logIn(apps[index % 2] as AppProcess, wrong(own), home)),
    );
    expect(replies.filter(({ status }) => status === 401)).to.have.lengthOf(4);
    expect(replies.filter(({ status }) => status === 429)).to.have.lengthOf(16);
    await Promise.all(apps.map((app) => app.stop()));
  });

  it('applies within each process while Redis is unavailable', async () => {
    const redis = await startOwnRedis();
    const app = await start({ REDIS_CACHE_URL: redis.url, LOGIN_FAILURES_PAIR: '3/60' });
    const own = await credentials(app);
    expect((await logIn(app, wrong(own), home)).status).to.equal(401);
    await redis.stop();
    expect(await statuses(4, () => logIn(app, wrong(own), home))).to.deep.equal([401, 401, 429, 429]);
    expect((await logIn(app, own, elsewhere)).status).to.equal(200);
    await app.stop();
  });

  it('leaves room for others when one address fills the hashing queue', async () => {
    const app = await start({ PASSWORD_HASHING: 'argon2id:m=16384,t=2', PASSWORD_THREADS_MAX: '1' });
    const send = (name: string, address: string) =>
      logIn(app, wrong({ email: `${name}@example.com` }), address);
    const answers: string[] = [];
    const hashedOf = (part: readonly string[]) => part.filter((answer) => answer === 'crowd 401').length;
    const crowd = Array.from({ length: CROWD }, async (_, index) => {
      const startMs = performance.now();
      const { status } = await send(`crowd${index}`, elsewhere);
      // On a busy machine, some requests wait too long.
      const isLate = status === 503 && performance.now() - startMs > QUEUE_WAIT_MAX_MS;
      answers.push(`crowd ${isLate ? 'late' : status}`);
    });
    await until('the queue is full', () => answers.includes('crowd 503'));
    const hashedBefore = hashedOf(answers);
    const { status } = await send('somebody', home);
    const hashedMeanwhile = hashedOf(answers) - hashedBefore;
    await Promise.all(crowd);
    expect(status).to.equal(401);
    // One hash was in progress, and addresses alternate, so the crowd could not delay the other address.
    expect(hashedMeanwhile, answers.join()).to.be.below(6);
    // Each finished hash makes room for one more request of the crowd.
    const lastRejected = answers.lastIndexOf('crowd 503');
    const rejected = answers.filter((answer) => answer === 'crowd 503').length;
    expect(rejected, answers.join()).to.be.at.least(
      CROWD - 1 - QUEUE_LENGTH - hashedOf(answers.slice(0, lastRejected)),
    );
    await app.stop();
  });
});
