import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { adminClient } from '../../support/shop/admin-client.ts';
import type { AppProcess } from '../../support/shop/app-process.ts';
import { blockingOnSignal } from './blocking-on-signal.ts';
import { openRawHttp } from '../../support/http/raw-http.ts';
import { useTestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

/** Time that a connection has for its first head, and for every other head. */
const HEAD_TIMEOUT_MS = 5000;
const BLOCK_MS = 2500;

describe('a request that arrives just after the server timed out', () => {
  const shop = useTestShop();
  let app: AppProcess;
  before(async () => {
    app = await shop.start(['api'], { nodeOptions: blockingOnSignal(BLOCK_MS) });
  });

  // The event loop is blocked while the connection's time runs out and its first request arrives. When the
  // loop continues, it runs timers before sockets: the refusal is written first, and the request is read
  // after it.
  it('is rejected with 408 and not executed', async function () {
    const product = await (await adminClient(shop, app)).newProduct({ price: 100, stock: 10 });
    const customer = await shop.client(app).newCustomer(1000);
    const body = JSON.stringify({ items: [{ productId: product, quantity: 1 }] });
    const openedMs = performance.now();
    const connection = await openRawHttp(app.url);
    await until('little time is left', () => performance.now() - openedMs > HEAD_TIMEOUT_MS - BLOCK_MS / 2, {
      timeoutMs: HEAD_TIMEOUT_MS,
    });
    app.signal('SIGUSR2');
    await until('the app blocks its event loop', () => app.tail().includes('blocked'));
    connection.write(
      `POST /orders HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer ${customer.token}\r\n` +
        `Idempotency-Key: ${randomUUID()}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    const reply = await connection.reply();
    expect([reply.status, JSON.parse(reply.text).code]).to.deep.equal([408, 'request_timeout']);
    // Nothing of the request is in flight any more once the process has stopped cleanly.
    await app.stop();
    expect(await shop.database.value('SELECT COUNT(*) FROM orders')).to.equal(0);
  });
});
