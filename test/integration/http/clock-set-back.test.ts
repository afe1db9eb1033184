import { expect } from 'chai';
import { openRawHttp } from '../../support/http/raw-http.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';
import { clockSetBack } from './clock-set-back.ts';

const HOUR_MS = 3_600_000;

describe('a clock that is set back', () => {
  const shop = useTestShop();

  it('makes no duration of a request in progress negative', async () => {
    const app = await shop.start(['api'], { nodeOptions: clockSetBack() });
    const body = JSON.stringify({ email: 'late@example.com', password: 'correct horse' });
    const connection = await openRawHttp(app.url);
    connection.write(
      `POST /auth/signup HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
    );
    // A second request shows that the head of the first one was read.
    await shop.client(app).get('/coupons');
    app.signal('SIGUSR2');
    await until('the clock is set back', async () => {
      await shop.client(app).get('/coupons');
      return app.logs.some(({ ts }) => Date.parse(String(ts)) < Date.now() - HOUR_MS);
    });
    connection.write(body.slice(5));
    expect((await connection.reply()).status).to.equal(201);
    const requests = () => app.logs.filter(({ event }) => event === 'http_request');
    await until('it is logged', () => requests().some(({ path }) => path === '/auth/signup'));
    for (const { path, durationMs } of requests()) {
      expect(durationMs, String(path)).to.be.within(0, HOUR_MS);
    }
    await app.stop();
  });
});
