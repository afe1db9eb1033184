import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { type AdminClient, adminClient } from '../support/shop/admin-client.ts';
import type { AppProcess } from '../support/shop/app-process.ts';
import { createCustomers, type TestCustomer } from '../support/shop/create-customers.ts';
import { ledgerFaults } from '../support/shop/ledger-faults.ts';
import { useTestShop } from '../support/shop/test-shop.ts';
import { crowd, type CrowdAnswer, type CrowdOutcome, crowdRequest } from '../support/crowd/crowd.ts';

/** Each has a connection of its own, open before the moment. */
const CROWDS = [2000, 5000];
const UNITS = 100;
const PRICE_KRW = 700;
const BUSY_SHARE_MAX = 0.05;
const P99_MAX_MS = 1500;
/** 390 after one attempt per crowd; each further attempt adds some garbage. */
const RSS_MAX_MB = 640;
/** A busy machine may spoil a run. What was sold is checked in each. */
const ATTEMPTS_MAX = 5;
/** Connections, together, of a crowd that never waits for its turn. */
const CALM_CONNECTIONS = 64;
/** A crowd may take this many times as long as the same requests a few at a time. */
const CALM_SHARE = 1.5;
/**
 * The same where even these take longer than 1.5 s. The shop then rejects most of the crowd, and the rejected
 * ask again within 0.3 s, which costs more than the orders. At a load of 16 on two cores 1.6 to 8.8 times
 * were seen, 4 in the median.
 */
const STORM_SHARE = 8;

interface Moment {
  readonly answers: readonly CrowdAnswer[];
  /** Sends the same requests again, a few at a time. */
  readonly calm: () => Promise<CrowdOutcome>;
}

const whole = (value: number) => value.toFixed(0);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

describe('a crowd at one moment, at two processes', function () {
  // Five attempts of some 50 s each, as seen at a load of 16 on two cores.
  this.timeout(600_000);
  const shop = useTestShop();
  let apis: AppProcess[];
  let admin: AdminClient;
  let customers: TestCustomer[];

  before(async () => {
    apis = await Promise.all([shop.start(['api']), shop.start(['api'])]);
    admin = await adminClient(shop, apis[0] as AppProcess);
    customers = await createCustomers(shop, Math.max(...CROWDS), PRICE_KRW * 10);
  });

  for (const size of CROWDS) {
    it(`of ${size} buyers for 100 units hears within 1.5 s what became of its orders`, async () => {
      await expectPrompt(async (attempt) => {
        const product = await admin.newProduct({ price: PRICE_KRW, stock: UNITS });
        const body = { items: [{ productId: product, quantity: 1 }] };
        const order = (key: string) => (token: string) =>
          crowdRequest({ path: '/orders', token, key: `${key}-${size}-${attempt}`, body });
        const { answers } = await rush(size, order('moment'));
        expect(countOf(answers, undefined)).to.equal(UNITS);
        expect(countOf(answers, 'out_of_stock')).to.equal(size - UNITS);
        const sold = 'SELECT quantity FROM product_stock WHERE product_id = ?';
        expect(await shop.database.value(sold, [uuidBytes(product)])).to.equal(0);
        return { answers, calm: () => rush(size, order('calm'), CALM_CONNECTIONS) };
      });
    });

    it(`of ${size} customers for 100 coupons hears within 1.5 s who has one`, async () => {
      await expectPrompt(async () => {
        const couponId = await newCoupon();
        const claim = (token: string) => crowdRequest({ path: `/coupons/${couponId}/issue`, token });
        const { answers } = await rush(size, claim);
        expect(countOf(answers, undefined)).to.equal(UNITS);
        expect(countOf(answers, 'coupon_sold_out')).to.equal(size - UNITS);
        const issued = 'SELECT issued_count FROM coupons WHERE id = ?';
        expect(await shop.database.value(issued, [uuidBytes(couponId)])).to.equal(UNITS);
        return { answers, calm: () => rush(size, claim, CALM_CONNECTIONS) };
      });
    });
  }

  it('leaves books that add up, and has used bounded memory', async () => {
    expect(await ledgerFaults(shop.database)).to.deep.equal([]);
    if (existsSync('/proc/self/status')) {
      const peaks = apis.map(({ pid }) => peakMemoryMb(pid));
      console.log(`    at most ${Math.max(...peaks).toFixed(0)} MB in a process`);
      expect(Math.max(...peaks)).to.be.below(RSS_MAX_MB);
    }
    for (const app of apis) await app.stop();
  });

  async function rush(
    size: number,
    request: (token: string) => string,
    connections = size,
  ): Promise<CrowdOutcome> {
    const urls = apis.map(({ url }) => url);
    const requests = customers.slice(0, size).map(({ token }) => request(token));
    return crowd(urls, requests, { connectionsPerProcess: connections / 2 });
  }

  /**
   * The limits hold as they are on a machine that answers the same requests in a second, and follow from its
   * rate on a slower one.
   */
  async function expectPrompt(run: (attempt: number) => Promise<Moment>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const { answers, calm } = await run(attempt);
      const busyShare = answers.filter(({ tries }) => tries > 0).length / answers.length;
      const sorted = answers.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
      const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
      const calmMs = (await calm()).durationMs;
      const timesCalm = calmMs > P99_MAX_MS ? STORM_SHARE : CALM_SHARE;
      const p99MaxMs = Math.max(P99_MAX_MS, timesCalm * calmMs);
      // What cannot be answered in time is to be rejected.
      const busyShareMax = 1 - (1 - BUSY_SHARE_MAX) * (P99_MAX_MS / p99MaxMs);
      console.log(
        `    ${percent(busyShare)} read busy_retry, p50 ${whole(quantile(0.5))} ms, ` +
          `p99 ${whole(quantile(0.99))} ms; a few at a time ${whole(calmMs)} ms`,
      );
      if (busyShare < busyShareMax && quantile(0.99) <= p99MaxMs) return;
      if (attempt < ATTEMPTS_MAX) continue;
      expect(busyShare).to.be.below(busyShareMax);
      expect(quantile(0.99)).to.be.at.most(p99MaxMs);
    }
  }

  async function newCoupon(): Promise<string> {
    const reply = await admin.post('/admin/coupons', {
      name: 'First come',
      discount: { kind: 'FIXED', amount: 1000 },
      quantity: UNITS,
      validFrom: '2020-01-01T00:00:00Z',
      validUntil: '2099-01-01T00:00:00Z',
    });
    expect(reply.status, reply.text).to.equal(201);
    return reply.body.id;
  }
});

function peakMemoryMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Undefined counts the answers that are no problem. */
function countOf(answers: readonly CrowdAnswer[], code: string | undefined): number {
  return answers.filter((answer) => answer.code === code).length;
}
