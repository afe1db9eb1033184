import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { type DirectDatabase, directDatabase } from '../../faults/run/direct-database.ts';
import type { BegunFault } from '../../faults/run/fault.ts';
import { type FaultServer, startFaultServer } from '../../faults/run/fault-servers.ts';
import { type FaultShop, openFaultShop } from '../../faults/run/fault-shop.ts';
import { fullDisk } from '../../faults/run/faults/full-disk.ts';
import { appEnvironment } from '../../support/shop/app-environment.ts';
import { type AppProcess, endQuickly, type LogLine, startApp } from '../../support/shop/app-process.ts';
import { createTestAws, type TestAws } from '../../support/servers/aws.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type HttpClient, httpClient, type HttpReply } from '../../support/shop/http-client.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import { createTestRedis, type TestRedis } from '../../support/servers/redis.ts';
import { skipWithout } from '../../support/skip-without.ts';

/** Maximum number of orders that are placed; the free space (20 KB) is enough for a few. */
const ORDERS_MAX = 60;
const REJECTED_PAUSE_MS = 200;

describe("with the database's disk full,", function () {
  let dir: string;
  let mysql: FaultServer;
  let database: DirectDatabase;
  let redis: TestRedis;
  let aws: TestAws;
  let sold: FaultShop;
  let app: AppProcess;
  let full: BegunFault | undefined;
  let customer: HttpClient;
  let nextCustomer = 0;

  before(async function () {
    if (!isThere('prlimit')) skipWithout('prlimit', this);
    dir = mkdtempSync(join(tmpdir(), 'rowlock-no-room-'));
    onCleanup(() => rmSync(dir, { recursive: true, force: true }));
    // Start a separate MySQL server: this fault would fail every other test.
    [mysql, redis, aws] = await Promise.all([
      startFaultServer('mysql', dir),
      createTestRedis(),
      createTestAws(),
    ]);
    if (mysql.pid < 0) {
      await mysql.stop();
      skipWithout('a database server outside a container', this);
    }
    database = directDatabase(mysql);
    sold = await openFaultShop({ mysql, redis }, database);
    app = await startApp({ roles: ['api'], env: appEnvironment(database, redis, aws) });
  });

  beforeEach(async () => {
    customer = httpClient(app.url, sold.customers[nextCustomer]?.token);
    nextCustomer += 1;
    full = await fullDisk.begin({ dir, database, servers: { mysql } });
  });

  afterEach(async () => {
    await full?.end();
  });

  after(async () => {
    if (app !== undefined) await endQuickly(app);
    await Promise.all([redis?.release(), aws?.remove(), mysql?.kill()]);
  });

  /** Waits for the next order whose transaction is retried. */
  const firstRetry = (): Promise<LogLine> => {
    const before = new Set(app.logs);
    return app.waitForLog(
      'transaction_retried',
      (line) => line.transaction === 'place_orders' && !before.has(line),
    );
  };

  /** Places orders one after another, each with a new key, until `isOver`; returns the replies by key. */
  async function orderUntil(isOver: (reply: HttpReply) => boolean): Promise<Map<string, HttpReply>> {
    const replies = new Map<string, HttpReply>();
    let placed = 0;
    for (let isLast = false; !isLast && placed < ORDERS_MAX; ) {
      const key = `order-${replies.size}`;
      const reply = await order(key);
      replies.set(key, reply);
      isLast = isOver(reply);
      // MySQL may have exited, and a busy machine takes seconds to start it again.
      if (reply.status === 200) placed += 1;
      else await delay(REJECTED_PAUSE_MS);
    }
    expect(placed, 'the limit was met').to.be.lessThan(ORDERS_MAX);
    return replies;
  }

  const order = (key: string) =>
    customer.postOrder([{ productId: sold.productIds[0] as string, quantity: 1 }], { key });

  it('a failed COMMIT is answered 503, and the same key reveals the outcome later', async () => {
    const chargeMeanwhile = async () => {
      await firstRetry();
      return customer.charge(1000, 'charge');
    };
    const [replies, charge] = await Promise.all([
      orderUntil(({ status }) => status !== 200),
      chargeMeanwhile(),
    ]);
    for (const { status, body, text, headers } of [[...replies.values()].at(-1) as HttpReply, charge]) {
      expect(status, text).to.equal(503);
      expect(body.code, text).to.be.oneOf(['busy_retry', 'dependency_unavailable']);
      expect(Number(headers.get('retry-after'))).to.be.greaterThan(0);
    }
    expect(app.logs.filter(({ level }) => level === 'error')).to.deep.equal([]);

    await full?.end();
    for (const [key, { status, text }] of replies) {
      const settled = await order(key);
      expect(settled.status, settled.text).to.equal(200);
      if (status !== 200) continue;
      expect(settled.headers.get('idempotent-replayed')).to.equal('true');
      expect(settled.text).to.equal(text);
    }
    expect((await customer.charge(1000, 'charge')).status).to.equal(200);
    await expectOnce(replies.size);
  });

  it('an order whose COMMIT failed is looked up, and placed once if space is freed meanwhile', async () => {
    const unknownOutcomes = () =>
      app.logs.filter(({ event, unknown }) => event === 'transaction_retried' && unknown);
    const before = unknownOutcomes().length;
    const { pid } = mysql;
    let hasRoom = false;
    const makeRoom = async () => {
      await firstRetry();
      await full?.end();
      hasRoom = true;
    };
    const [replies] = await Promise.all([orderUntil(() => hasRoom), makeRoom()]);
    // The outcome belongs to an order or, if the order hit the limit that way, to the deletion of an event.
    expect(unknownOutcomes().length).to.be.greaterThan(before);
    // MySQL exits where MariaDB continues, and may restart too late for the order in flight.
    const hasGoneOn = mysql.pid === pid;
    for (const [key, { status, text }] of replies) {
      if (hasGoneOn) expect(status, text).to.equal(200);
      else expect(status === 503 ? (await order(key)).status : status, text).to.equal(200);
    }
    await expectOnce(replies.size);
  });

  async function expectOnce(orders: number): Promise<void> {
    const { body } = await customer.get('/orders?limit=100');
    expect(body.data).to.have.lengthOf(orders);
    expect(await ledgerFaults(database)).to.deep.equal([]);
  }
});

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { timeout: 5000, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
