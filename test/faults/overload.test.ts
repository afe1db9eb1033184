import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { machineCpuTimeMs } from '../bench/cpu-time.ts';
import { latencyHistogram } from '../bench/load/latency-histogram.ts';
import type { LoadJob, LoadResult } from '../bench/load/load-job.ts';
import { runLoad } from '../bench/load/run-load.ts';
import { adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { createCustomers, type TestCustomer } from '../support/shop/create-customers.ts';
import { testEnvironment } from '../support/environment.ts';
import { giveWay } from './give-way.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';

/** Extra time of the database per order, so that a lane does about 300 orders per second. */
const ORDER_TAKES_S = 0.0024;
const OFFERED_PER_S = 3000;
const OVERLOAD_MS = 12_000;
const CUSTOMERS = 2000;
const BALANCE_KRW = 1_000_000;
const STOCK = 1_000_000;
const PRICE_KRW = 10;
/** Pause between two health probes. */
const PROBE_MS = 50;

const ATTEMPTS_MAX = 5;
const GOODPUT_SHARE_MIN = 0.9;
/** Minimum overload offered when a busy machine cannot generate or answer the full load. */
const OVERLOAD_FACTOR_MIN = 5;
/** Share of what the machine has answered per second that it is offered after a disturbed measurement. */
const OFFERED_AGAIN_SHARE = 0.7;
/** Counting executed code for coverage slows a process down. */
const TURN_AWAY_P99_MAX_MS = process.env.NODE_V8_COVERAGE === undefined ? 50 : 150;
const HEALTH_P99_MAX_MS = 250;
/**
 * An order that is sold waits a third of ORDER_WAIT_MAX_MS, and for the groups before and of its own, as at
 * the peak. On an idle machine that is below the second limit.
 */
const WAITS_MS = 500;
const SOLD_P99_MAX_MS = 900;
/**
 * Alternative limit on a busy machine: this many times the health latency in the same minute while no request
 * is shed.
 */
const SLOWER_THAN_AT_PEAK_MAX = 4;
/** 463 MB were seen. The heap is what must not grow; see below. */
const RSS_MAX_MB = 520;
/** No order waits for more than a few groups at two thirds of the lane's capacity. */
const CALM_P99_MAX_MS = 500;
const SLOWER_THAN_BEFORE_MAX = 3;

/** Times in milliseconds. */
interface Overload {
  readonly offeredPerS: number;
  readonly peak: LoadResult;
  /** Results of all loads, by the prefix of their keys. */
  readonly loads: Readonly<Record<string, LoadResult>>;
  /**
   * Orders sold per second at the peak: the lowest rate measured right before and, where it matters, right
   * after.
   */
  readonly peakPerS: number;
  readonly peakHealthP99Ms: number;
  readonly crowd: LoadResult;
  readonly health: readonly number[];
  readonly rssMaxMb: number;
}

const heapReporter = fileURLToPath(new URL('../support/observe/report-heap.ts', import.meta.url));

describe('ten times as many orders as the lane can process', () => {
  const shop = useTestShop();
  let app: AppProcess;
  let product: string;
  let customers: TestCustomer[];

  before(async function () {
    const { awsPid } = testEnvironment();
    if (awsPid !== undefined) giveWay(awsPid);
    app = await shop.start(['api'], {
      // Below the default, to fit a lane that does not do thousands per second: a group takes a tenth of a
      // second.
      env: { ORDER_GROUP_MAX: '32' },
      nodeOptions: ['--expose-gc', '--import', heapReporter],
    });
    const admin = await adminClient(shop, app);
    product = await admin.newProduct({ price: PRICE_KRW, stock: STOCK });
    customers = await createCustomers(shop, CUSTOMERS, BALANCE_KRW);
    await shop.database.write(
      `CREATE TRIGGER slow_order AFTER INSERT ON orders FOR EACH ROW DO SLEEP(${ORDER_TAKES_S})`,
    );
  });

  const load = (name: string, job: Pick<LoadJob, 'connections' | 'warmUpMs' | 'durationMs' | 'pace'>) =>
    runLoad({
      ...job,
      urls: [app.url],
      requests: {
        kind: 'orders',
        tokens: customers.map(({ token }) => token),
        productIds: [product],
        zipfExponent: 0,
        keyPrefix: `${name}-`,
      },
      seed: 1,
    });
  const trickle = (name: string, warmUpMs: number) =>
    load(name, {
      connections: 100,
      warmUpMs,
      durationMs: 4000,
      pace: { kind: 'open', ratePerS: 200, waitingMax: 1000 },
    });

  it('are placed at the full rate or shed at once, in bounded memory', async function () {
    this.timeout(240_000);
    const loads: Record<string, LoadResult> = { calm: await trickle('calm', 2000) };
    const heapBeforeMb = await heapMb(app);
    // A measurement disturbed by a busy machine is repeated; the orders sold are always checked.
    let measured: Overload | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX && !isGood(measured); attempt += 1) {
      measured = await overload(attempt, measured);
      Object.assign(loads, measured.loads);
    }
    const { peak, crowd, health, rssMaxMb, peakPerS } = measured as Overload;
    // The first 5 s are not counted.
    const after = (loads.after = await trickle('after', 5000));
    const heapAfterMb = await heapMb(app);
    await app.stop();
    const whole = (value: number) => value.toFixed(0);
    const calmP99Ms = p99Ms(loads.calm as LoadResult, '200');
    console.log(
      `    RSS at most ${whole(rssMaxMb)} MB, heap ${whole(heapBeforeMb)} MB before, ` +
        `${whole(heapAfterMb)} MB after; 200/s before: p99 ${whole(calmP99Ms)} ms, ` +
        `5 s after: ${whole(p99Ms(after, '200'))} ms`,
    );

    // The load itself was as intended.
    expect(crowd).to.deep.include({ unanswered: 0, connectionErrors: {} });
    expect(answeredPerS(crowd)).to.be.within(OVERLOAD_FACTOR_MIN * peakPerS, OFFERED_PER_S + 300);

    expect(Object.keys(peak.byStatus)).to.deep.equal(['200']);
    expect(Object.keys(crowd.byStatus).toSorted()).to.deep.equal(['200', '503']);
    expect(perSecond(crowd, '200')).to.be.greaterThan(GOODPUT_SHARE_MIN * peakPerS);
    expect(p99Ms(crowd, '200')).to.be.lessThan(soldMaxMs(measured as Overload));
    expect(p99Ms(crowd, '503')).to.be.lessThan(shedMaxMs(measured as Overload));
    expect(crowd.retryAfter).to.have.all.keys('1', '2', '3');
    for (const sample of crowd.samples) {
      expect(sample)
        .to.match(/^HTTP\/1\.1 503 /)
        .and.to.contain('"code":"busy_retry"');
    }
    expect(quantile(health, 0.99)).to.be.lessThan(healthMaxMs(measured as Overload));
    expect(rssMaxMb).to.be.lessThan(RSS_MAX_MB);
    expect(heapAfterMb).to.be.lessThan(heapBeforeMb + 20);
    expect(Object.keys(after.byStatus)).to.deep.equal(['200']);
    expect(p99Ms(after, '200')).to.be.lessThan(Math.max(CALM_P99_MAX_MS, SLOWER_THAN_BEFORE_MAX * calmP99Ms));

    // Every key that was answered 200 has its order, and no other key has an order. A load that the machine
    // was too busy for ended with requests under way, which may have one.
    let sold = 0;
    for (const [name, { totals, unanswered }] of Object.entries(loads)) {
      const orders = await shop.database.value(
        `SELECT COUNT(*) FROM orders WHERE idempotency_key LIKE '${name}-%'`,
      );
      const answered = totals['200'] ?? 0;
      expect(orders, name).to.be.within(answered, answered + unanswered);
      sold += orders;
    }
    expect(
      await shop.database.value('SELECT quantity FROM product_stock WHERE product_id = ?', [
        uuidBytes(product),
      ]),
    ).to.equal(STOCK - sold);
    expect(await shop.database.value('SELECT SUM(balance) FROM wallets')).to.equal(
      CUSTOMERS * BALANCE_KRW - sold * PRICE_KRW,
    );
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
  });

  /** Measures the lane's capacity with a closed loop, and its behaviour when ten times as much is offered. */
  async function overload(attempt: number, last: Overload | undefined): Promise<Overload> {
    const atPeak = (name: string) =>
      load(name, {
        // One group at the database and one that waits: no request is shed.
        connections: 64,
        warmUpMs: 1500,
        durationMs: 5000,
        pace: { kind: 'closed' },
      });
    const watchingPeak = watch(app);
    const peak = await atPeak(`peak${attempt}`);
    const peakHealthP99Ms = quantile((await watchingPeak.stop()).health, 0.99);
    const offeredPerS = nextOffer(last, perSecond(peak, '200'));
    const watching = watch(app);
    const [startMs, startCpuMs] = [performance.now(), machineCpuTimeMs()];
    const crowd = await load(`crowd${attempt}`, {
      connections: 800,
      // The queue is cut 1 s after the beginning, and its head may have waited for 1.5 s.
      warmUpMs: 2500,
      durationMs: OVERLOAD_MS,
      pace: { kind: 'open', ratePerS: offeredPerS, waitingMax: 20_000 },
    });
    const { health, rssMaxMb } = await watching.stop();
    const cores = ((machineCpuTimeMs() ?? 0) - (startCpuMs ?? 0)) / (performance.now() - startMs);
    const text = (ms: number) => ms.toFixed(ms < 10 ? 1 : 0);
    console.log(
      `    peak ${text(perSecond(peak, '200'))}/s (p99 ${text(p99Ms(peak, '200'))} ms, ` +
        `health ${text(peakHealthP99Ms)} ms); ` +
        `${text(offeredPerS)}/s offered: ${text(perSecond(crowd, '200'))}/s sold ` +
        `(p50 ${text(quantileMs(crowd, '200', 0.5))}, p99 ${text(p99Ms(crowd, '200'))} ms), ` +
        `${text(perSecond(crowd, '503'))}/s turned away (p50 ${text(quantileMs(crowd, '503', 0.5))}, ` +
        `p99 ${text(p99Ms(crowd, '503'))} ms); ` +
        `${health.length} health probes, p99 ${text(quantile(health, 0.99))} ms; ` +
        `load process ${text(crowd.ownCpuUs)} µs a request, ` +
        `machine ${text(cores)} cores of ${cpus().length}`,
    );
    const loads: Record<string, LoadResult> = { [`peak${attempt}`]: peak, [`crowd${attempt}`]: crowd };
    if (perSecond(crowd, '200') <= GOODPUT_SHARE_MIN * perSecond(peak, '200'))
      loads[`again${attempt}`] = await atPeak(`again${attempt}`);
    const peakPerS = Math.min(
      ...[peak, loads[`again${attempt}`] ?? peak].map((result) => perSecond(result, '200')),
    );
    return { loads, offeredPerS, peak, peakPerS, peakHealthP99Ms, crowd, health, rssMaxMb };
  }

  /** Probes the health and the memory of the process until it is stopped. */
  function watch({ url, pid }: AppProcess): { stop(): Promise<{ health: number[]; rssMaxMb: number }> } {
    const health: number[] = [];
    const stopping = new AbortController();
    let rssMaxMb = 0;
    const watching = (async () => {
      for (let look = 0; !stopping.signal.aborted; look += 1) {
        const startMs = performance.now();
        const { status } = await fetch(`${url}/${look % 2 === 0 ? 'healthz' : 'readyz'}`);
        health.push(performance.now() - startMs);
        expect(status, 'health is never turned away').to.equal(200);
        if (look % 5 === 0) rssMaxMb = Math.max(rssMaxMb, residentMb(pid));
        await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
      }
    })();
    watching.catch(() => undefined);
    return {
      stop: async () => {
        stopping.abort();
        await watching;
        return { health, rssMaxMb };
      },
    };
  }
});

function isGood(measured: Overload | undefined): boolean {
  if (measured === undefined) return false;
  const { peakPerS, crowd, health } = measured;
  return (
    crowd.unanswered === 0 &&
    perSecond(crowd, '200') > GOODPUT_SHARE_MIN * peakPerS &&
    p99Ms(crowd, '200') < soldMaxMs(measured) &&
    p99Ms(crowd, '503') < shedMaxMs(measured) &&
    quantile(health, 0.99) < healthMaxMs(measured)
  );
}

/** Less after each disturbed measurement, down to the minimum of the peak that was measured just now. */
function nextOffer(last: Overload | undefined, peakPerS: number): number {
  if (last === undefined) return OFFERED_PER_S;
  // A tenth above the minimum, since a busy machine answers a little less than it is offered.
  const leastPerS = 1.1 * OVERLOAD_FACTOR_MIN * peakPerS;
  return Math.min(last.offeredPerS, Math.max(leastPerS, OFFERED_AGAIN_SHARE * answeredPerS(last.crowd)));
}

const answeredPerS = (crowd: LoadResult) => perSecond(crowd, '200') + perSecond(crowd, '503');

const soldMaxMs = ({ peak }: Overload) => Math.max(SOLD_P99_MAX_MS, WAITS_MS + 1.5 * p99Ms(peak, '200'));
const shedMaxMs = ({ peakHealthP99Ms }: Overload) =>
  Math.max(TURN_AWAY_P99_MAX_MS, SLOWER_THAN_AT_PEAK_MAX * peakHealthP99Ms);
const healthMaxMs = ({ peakHealthP99Ms }: Overload) =>
  Math.max(HEALTH_P99_MAX_MS, SLOWER_THAN_AT_PEAK_MAX * peakHealthP99Ms);

async function heapMb(app: AppProcess): Promise<number> {
  const earlier = app.logs.length;
  app.signal('SIGUSR2');
  const line = await app.waitForLog('heap', (each) => app.logs.indexOf(each) >= earlier);
  return line['usedMb'] as number;
}

/** Reads /proc on Linux, because small systems lack `ps`. Linux and macOS both report kilobytes. */
function residentMb(pid: number): number {
  if (existsSync('/proc/self/status'))
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}

function perSecond({ byStatus, measuredMs }: LoadResult, status: string): number {
  return ((byStatus[status]?.count ?? 0) * 1000) / measuredMs;
}

function quantileMs({ byStatus }: LoadResult, status: string, share: number): number {
  return latencyHistogram(byStatus[status]?.latencies).quantile(share) / 1000;
}

const p99Ms = (result: LoadResult, status: string) => quantileMs(result, status, 0.99);

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;
}
