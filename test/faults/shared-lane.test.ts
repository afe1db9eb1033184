import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { onCleanup } from '../support/cleanup.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { openFaultProxy } from '../support/servers/fault-proxy.ts';
import { type AdminClient, adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import type { HttpClient, HttpReply } from '../support/shop/http-client.ts';
import { insist } from '../support/shop/insist.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';

const REPLACED_WITHIN_MS = 2000;
const BUYERS = 12;
const PRICE_KRW = 100;
const BALANCE_KRW = 1_000_000;

/** A reply to the order with this key, and the process that was asked. */
interface Answer {
  readonly key: string;
  readonly buyer: number;
  readonly reply: HttpReply;
}

describe('a lane that the processes of a machine share', () => {
  const shop = useTestShop();
  let directory: string;
  let admin: AdminClient;
  let apis: AppProcess[];
  let buyers: (HttpClient & { readonly userId: string })[];

  const owned = (app: AppProcess) => app.logs.some(({ event }) => event === 'lane_owned');

  /** The first becomes the owner, the others forward to it. */
  async function startApis(count: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const owner = await shop.start(['api'], { env: { ORDER_LANE_DIR: directory } });
    await owner.waitForLog('lane_owned');
    const others = await Promise.all(
      Array.from({ length: count - 1 }, () =>
        shop.start(['api'], { env: { ORDER_LANE_DIR: directory, ...env } }),
      ),
    );
    await Promise.all(others.map((app) => app.waitForLog('lane_joined')));
    apis = [owner, ...others];
  }

  before(async () => {
    const app = await shop.start(['api']);
    admin = await adminClient(shop, app);
    const visitor = shop.client(app);
    buyers = [];
    for (let count = 0; count < BUYERS; count += 1) buyers.push(await visitor.newCustomer(BALANCE_KRW));
    await app.stop();
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lane-'));
    onCleanup(() => rmSync(directory, { recursive: true, force: true }));
  });

  afterEach(async () => {
    for (const app of apis) {
      app.signal('SIGCONT');
      await app.kill();
    }
  });

  /** Created at the last process: the first is the one that fails. */
  async function newProduct(stock: number): Promise<string> {
    const fields = { name: 'Cup', price: PRICE_KRW, stock, purchaseLimit: null };
    const reply = await admin.at(apis.at(-1)?.url ?? '').post('/admin/products', fields);
    expect(reply.status, reply.text).to.equal(201);
    return reply.body.id as string;
  }

  /** Every buyer orders without a pause, at the processes in turn. Resolves with all answers after `stop`. */
  function orderUntil(productId: string, urls: readonly string[], stop: Promise<unknown>): Promise<Answer[]> {
    const over = new AbortController();
    const end = () => over.abort();
    stop.then(end, end);
    const answers: Answer[] = [];
    const buy = async (client: HttpClient, buyer: number): Promise<void> => {
      for (let count = 0; !over.signal.aborted; count += 1) {
        const key = `${productId}-${buyer}-${count}`;
        const at = client.at(urls[buyer % urls.length] as string);
        const reply = await at.postOrder([{ productId, quantity: 1 }], { key }).catch(() => undefined);
        if (reply !== undefined) answers.push({ key, buyer, reply });
        else await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    return Promise.all(buyers.map(buy)).then(() => answers);
  }

  /** What was answered is what the database has; returns how many orders were acknowledged. */
  async function expectTruth(productId: string, answers: readonly Answer[]): Promise<number> {
    const rows = await shop.database.read<{ idempotency_key: string }>(
      `SELECT o.idempotency_key FROM orders o JOIN order_items i ON i.order_id = o.id WHERE i.product_id = ?`,
      [uuidBytes(productId)],
    );
    const placed = new Set(rows.map((row) => row.idempotency_key));
    expect(placed.size).to.equal(rows.length);
    for (const { key, reply } of answers) {
      expect(reply.status, reply.text).to.be.oneOf([200, 409, 503]);
      if (reply.status === 200) expect(placed.has(key), `acknowledged ${key}`).to.equal(true);
      if (reply.status === 409) expect(placed.has(key), `rejected ${key}`).to.equal(false);
      if (reply.status === 503) expect(reply.body.code).to.equal('busy_retry');
    }
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    return answers.filter(({ reply }) => reply.status === 200).length;
  }

  const afterMs = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

  it('executes the orders of all in one of them', async () => {
    const { DATABASE_URL } = shop.env as Record<'DATABASE_URL', string>;
    const proxy = await openFaultProxy(DATABASE_URL);
    let writes = 0;
    proxy.watchClient((bytes) => {
      if (bytes.includes('INSERT INTO orders')) writes += 1;
      return 'forward';
    });
    await startApis(3, { DATABASE_URL: proxy.through(DATABASE_URL) });
    const cup = await newProduct(5);
    const ask = (app: AppProcess | undefined, quantity: number, key: string) =>
      (buyers[0] as HttpClient).at(app?.url ?? '').postOrder([{ productId: cup, quantity }], { key });
    const [, second, third] = apis;
    const first = await ask(second, 2, 'at-the-second');
    expect(first.status, first.text).to.equal(200);
    const again = await ask(third, 2, 'at-the-second');
    expect(again.text).to.equal(first.text);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    const refused = await ask(second, 9, 'too-many');
    expect(refused.body).to.include({ code: 'out_of_stock', requested: 9, available: 3 });
    expect(writes).to.equal(0);
  });

  it('replaces a killed owner within 2 s and loses no acknowledged order', async () => {
    await startApis(3);
    const cup = await newProduct(100_000);
    const [owner, ...others] = apis as [AppProcess, AppProcess, AppProcess];
    const killed = afterMs(700).then(async () => {
      await owner.kill();
      const startMs = performance.now();
      await until('another owner', () => others.some(owned), { timeoutMs: 10_000, intervalMs: 5 });
      return performance.now() - startMs;
    });
    const stop = killed.then(() => afterMs(700));
    const answers = await orderUntil(
      cup,
      apis.map(({ url }) => url),
      stop,
    );
    expect(await killed).to.be.lessThan(onThisMachine(REPLACED_WITHIN_MS));
    console.log(`    replaced after ${Math.round(await killed)} ms`);
    const acknowledged = await expectTruth(cup, answers);
    expect(acknowledged).to.be.greaterThan(BUYERS);
    // One of the others owns, the last one forwards to it.
    await until(
      'one owner',
      async () => readdirSync(directory).length === 1 && others.filter(owned).length >= 1,
    );
    const late = await (buyers[0] as HttpClient)
      .at(others[1].url)
      .postOrder([{ productId: cup, quantity: 1 }]);
    expect(late.status, late.text).to.equal(200);
  });

  it('replaces a frozen owner within 2 s, and the former one serves again once it resumes', async () => {
    await startApis(2);
    const cup = await newProduct(150);
    const other = await newProduct(100);
    const [owner, follower] = apis as [AppProcess, AppProcess];
    const frozen = afterMs(500).then(async () => {
      owner.signal('SIGSTOP');
      const startMs = performance.now();
      await until('another owner', () => owned(follower), { timeoutMs: 10_000, intervalMs: 5 });
      const replacedMs = performance.now() - startMs;
      // The database keeps what the frozen process had locked for up to 5 s. Other products sell.
      const sold = await insist(() =>
        (buyers[0] as HttpClient)
          .at(follower.url)
          .postOrder([{ productId: other, quantity: 1 }], { key: 'other' }),
      );
      expect(sold.status, sold.text).to.equal(200);
      return replacedMs;
    });
    const resume = async () => {
      await frozen;
      owner.signal('SIGCONT');
      await owner.waitForLog('lane_joined');
      await afterMs(500);
    };
    const resumed = resume();
    const answers = await orderUntil(cup, [follower.url], resumed);
    console.log(`    replaced after ${Math.round(await frozen)} ms`);
    expect(await frozen).to.be.lessThan(onThisMachine(REPLACED_WITHIN_MS));
    await expectTruth(cup, answers);
    const again = await (buyers[0] as HttpClient)
      .at(owner.url)
      .postOrder([{ productId: other, quantity: 1 }]);
    expect(again.status, again.text).to.equal(200);
  });

  it('hands over without a failed order when its owner is stopped for a release', async () => {
    await startApis(2);
    const cup = await newProduct(100_000);
    const [owner, follower] = apis as [AppProcess, AppProcess];
    const stopped = afterMs(500).then(() => owner.stop());
    const answers = await orderUntil(
      cup,
      [follower.url],
      stopped.then(() => afterMs(300)),
    );
    expect(owned(follower)).to.equal(true);
    expect(answers.filter(({ reply }) => reply.status !== 200).map(({ reply }) => reply.text)).to.deep.equal(
      [],
    );
    await expectTruth(cup, answers);
  });

  it('is not shared in a directory that other users may enter', async () => {
    chmodSync(directory, 0o755);
    const app = await shop.start(['api'], { env: { ORDER_LANE_DIR: directory } });
    apis = [app];
    const { error } = await app.waitForLog('lane_unavailable');
    expect((error as { message: string }).message).to.contain('must have mode 0700');
    const cup = await newProduct(1);
    const sold = await (buyers[0] as HttpClient).at(app.url).postOrder([{ productId: cup, quantity: 1 }]);
    expect(sold.status, sold.text).to.equal(200);
    expect(readdirSync(directory)).to.deep.equal([]);
  });
});
