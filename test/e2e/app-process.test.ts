import { expect } from 'chai';
import { startApp } from '../support/shop/app-process.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

describe('the app as a process', () => {
  const shop = useTestShop();

  it('reports each invalid setting by name, never its value, and exits', async () => {
    const failure = await startApp({ roles: ['api'], env: { DATABASE_URL: 'secret-value' } }).catch(String);
    expect(failure).to.contain('DATABASE_URL').and.to.contain('REDIS_STATE_URL');
    expect(failure).not.to.contain('secret-value');
  });

  it('rejects an unknown role', async () => {
    const unknown = 'cashier' as 'api';
    expect(await startApp({ roles: [unknown], env: shop.env }).catch(String)).to.contain(
      'usage: node app/main.ts',
    );
  });

  it('serves on a free port with all roles in one process', async () => {
    const app = await shop.start(['api', 'worker', 'data-platform']);
    expect((await shop.client(app).get('/readyz')).status).to.equal(200);
    const { body } = await shop.client(app).get('/status');
    expect(body.status).to.equal('up');
    expect(
      new Set(app.logs.filter(({ event }) => event === 'role_started').map(({ role }) => role)),
    ).to.have.keys('api', 'worker', 'data-platform');
  });

  it('accepts a session that another process opened', async () => {
    const [one, other] = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    const customer = await shop.client(one).newCustomer(1000);
    const { status, body } = await customer.at(other.url).get('/me/balance');
    expect(status).to.equal(200);
    expect(body).to.deep.equal({ balance: 1000, balanceSeq: 1 });
  });

  it('exits with 0 on SIGTERM although a client keeps its connection open', async () => {
    const app = await shop.start(['api', 'worker', 'data-platform']);
    await shop.client(app).get('/healthz');
    await app.stop();
    expect(await app.exited).to.deep.equal({ code: 0, signal: null });
  });

  it('is killed when a test leaves it running', async () => {
    const app = await shop.start(['api']);
    expect((await shop.client(app).get('/healthz')).status).to.equal(200);
    left = app.pid;
  });

  let left: number | undefined;

  it('(continued) is gone in the next test', async () => {
    const isGone = () => {
      try {
        process.kill(left ?? -1, 0);
        return false;
      } catch {
        return true;
      }
    };
    expect(left).to.be.a('number');
    await until('the process has ended', isGone);
  });
});
