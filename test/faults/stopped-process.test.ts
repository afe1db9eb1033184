import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { type FaultProxy, openFaultProxy } from '../support/servers/fault-proxy.ts';
import type { HttpClient, HttpReply } from '../support/shop/http-client.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

/** wait_timeout of the app's connections is 5 s. */
const FREE_AGAIN_MAX_MS = 6000;
const STOCK = 50;
const PRICE_KRW = 100;
const BALANCE_KRW = 1000;
const BUYERS = 6;

describe('a process stopped (SIGSTOP) in the middle of a group', () => {
  const shop = useTestShop();
  let proxy: FaultProxy;
  let stopping: AppProcess;
  let other: AppProcess;
  let admin: AdminClient;
  let cup: string;
  let buyers: HttpClient[];
  let lucky: HttpClient;

  before(async () => {
    const { DATABASE_URL } = shop.env as Record<'DATABASE_URL', string>;
    proxy = await openFaultProxy(DATABASE_URL);
    [stopping, other] = await Promise.all([
      shop.start(['api'], { env: { DATABASE_URL: proxy.through(DATABASE_URL) } }),
      shop.start(['api']),
    ]);
    admin = await adminClient(shop, other);
  });

  beforeEach(async () => {
    cup = await admin.newProduct({ price: PRICE_KRW, stock: STOCK });
    const visitor = shop.client(other);
    lucky = await visitor.newCustomer(BALANCE_KRW);
    buyers = [];
    for (let count = 0; count < BUYERS; count += 1) {
      const buyer = (await visitor.newCustomer(BALANCE_KRW)).at(stopping.url);
      // From now on the process knows the session, and its order waits only for the database.
      expect((await buyer.get('/me')).status).to.equal(200);
      buyers.push(buyer);
    }
  });

  afterEach(() => {
    stopping.signal('SIGCONT');
    proxy.watchClient(undefined);
  });

  const order = (client: HttpClient, key: string) =>
    client.postOrder([{ productId: cup, quantity: 1 }], { key, timeoutMs: 30_000 });

  /** The first order goes alone; orders that arrive meanwhile share a group, which is the one that is hit. */
  const orderTogether = (): Promise<HttpReply[]> =>
    Promise.all(buyers.map((buyer, index) => order(buyer, `buyer-${index}`)));

  const isLocked = async () => {
    const refused = await shop.database
      .read('SELECT quantity FROM product_stock WHERE product_id = ? FOR UPDATE NOWAIT', [uuidBytes(cup)])
      .catch((error: { errno?: number }) => error.errno);
    return refused === 1205 || refused === 3572;
  };

  /** Repeats the request with the same key, as the shop tells its clients, until the answer is definite. */
  async function insist(client: HttpClient, key: string): Promise<HttpReply> {
    return until(
      `a definite answer to ${key}`,
      async () => {
        const reply = await order(client, key);
        if (reply.status === 503) expect(reply.headers.get('retry-after')).to.match(/^[1-3]$/);
        return reply.status === 503 ? undefined : reply;
      },
      { timeoutMs: 20_000 },
    );
  }

  /** Every customer has exactly one order under their key, and everything adds up. */
  async function expectEachSoldOnce(replies: readonly HttpReply[]): Promise<void> {
    for (const [index, reply] of replies.entries()) {
      // The final result, or "retry with the same key".
      expect(reply.status, reply.text).to.be.oneOf([200, 503]);
      const settled = await insist(buyers[index] as HttpClient, `buyer-${index}`);
      expect(settled.status, settled.text).to.equal(200);
      if (reply.status === 200) expect(settled.text).to.equal(reply.text);
    }
    const orders = await shop.database.read<{ idempotency_key: string }>(
      `SELECT o.idempotency_key FROM orders o JOIN order_items i ON i.order_id = o.id
       WHERE i.product_id = ? ORDER BY o.idempotency_key`,
      [uuidBytes(cup)],
    );
    expect(orders.map((row) => row.idempotency_key)).to.deep.equal([
      ...buyers.map((_, index) => `buyer-${index}`),
      'lucky',
    ]);
    expect(
      await shop.database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [uuidBytes(cup)]),
    ).to.equal(STOCK - BUYERS - 1);
    for (const client of [...buyers, lucky]) {
      expect((await client.get('/me/balance')).body.balance).to.equal(BALANCE_KRW - PRICE_KRW);
    }
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  }

  it('releases its product within 6 s, and answers correctly once it resumes', async function () {
    const stopped = stopAt(
      proxy,
      stopping,
      // The locks of a group; its writes travel with its COMMIT.
      (bytes) => walletsLocked(bytes) > 1,
    );
    const replies = orderTogether();
    const stoppedAtMs = await stopped;
    // The bytes forwarded at that moment reach the server.
    await until('the group holds the lock', isLocked, { timeoutMs: 2000 });

    const sold = await insist(lucky, 'lucky');
    const freedAfterMs = performance.now() - stoppedAtMs;
    console.log(`    sold by the other process ${(freedAfterMs / 1000).toFixed(1)} s after the stop`);
    expect(sold.status, sold.text).to.equal(200);
    expect(freedAfterMs).to.be.lessThan(onThisMachine(FREE_AGAIN_MAX_MS));

    proxy.watchClient(undefined);
    stopping.signal('SIGCONT');
    await expectEachSoldOnce(await replies);
  });

  it('has committed its orders once, and reports them once it resumes', async function () {
    let isInGroup = false;
    const stopped = stopAt(proxy, stopping, (bytes) => {
      isInGroup ||= countOf(bytes, 'buyer-') > 1 && bytes.includes('INSERT INTO orders');
      // The text of a statement is the end of its packet; "READ COMMITTED" is none.
      return isInGroup && bytes.toString('latin1').endsWith('COMMIT');
    });
    const replies = orderTogether();
    const stoppedAtMs = await stopped;

    const sold = await insist(lucky, 'lucky');
    expect(sold.status, sold.text).to.equal(200);
    expect(performance.now() - stoppedAtMs).to.be.lessThan(onThisMachine(FREE_AGAIN_MAX_MS));
    // The server gave up the connection long before the process wakes.
    await until('the connections of the stopped process are closed', () => proxy.connections === 0, {
      timeoutMs: 15_000,
    });

    proxy.watchClient(undefined);
    stopping.signal('SIGCONT');
    const answers = await replies;
    await expectEachSoldOnce(answers);
    // The group's orders were sold before the stop: each customer that got an answer got their own order, not
    // a replay.
    for (const reply of answers.filter(({ status }) => status === 200)) {
      expect(reply.headers.get('idempotent-replayed')).to.equal(null);
    }
  });
});

/**
 * Stops the process at the first bytes to its database for which `isMoment` holds. The bytes reach the
 * server, and the answer arrives at a frozen process. Resolves with the time.
 */
function stopAt(proxy: FaultProxy, app: AppProcess, isMoment: (bytes: Buffer) => boolean): Promise<number> {
  return new Promise((resolve) => {
    let done = false;
    proxy.watchClient((bytes) => {
      if (done || !isMoment(bytes)) return 'forward';
      done = true;
      app.signal('SIGSTOP');
      waitUntilStopped(app.pid);
      resolve(performance.now());
      return 'forward';
    });
  });
}

/** Polls without yielding to the event loop: nothing may pass the proxy before. */
function waitUntilStopped(pid: number): void {
  const limitMs = performance.now() + 1000;
  while (performance.now() < limitMs) {
    try {
      if (/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    } catch {
      // No /proc on this system: assume that the signal worked.
      return;
    }
  }
  throw new Error(`process ${pid} did not stop`);
}

function walletsLocked(bytes: Buffer): number {
  const [, ids = ''] = /FROM wallets [^;]*IN \(([^)]*)\)[^;]*FOR UPDATE/.exec(bytes.toString('latin1')) ?? [];
  return ids.split("X'").length - 1;
}

function countOf(bytes: Buffer, text: string): number {
  return bytes.toString('latin1').split(text).length - 1;
}
