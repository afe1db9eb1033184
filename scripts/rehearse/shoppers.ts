import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export interface Shoppers {
  /** Requests answered so far. */
  answered(): number;
  /** Stops the shoppers after their current request. */
  stop(): Promise<ShoppersReport>;
}

export interface ShoppersReport {
  readonly orders: number;
  readonly requests: number;
  /** Every unexpected response, and every request without a response. */
  readonly failures: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ShoppersOptions {
  readonly url: string;
  readonly count: number;
  /** A shopper's pause between two requests. */
  readonly pauseMs: number;
  readonly productIds: readonly string[];
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Longer than the app's own request limit of 8 s. */
const REQUEST_TIMEOUT_MS = 15_000;
const BALANCE = 1_000_000;
const FAILURES_KEPT_MAX = 100;

/**
 * Customers who browse, buy, send an order twice, cancel and list their orders, one request at a time. They
 * never retry a failed request: a release must not be visible at all.
 */
export async function startShoppers(options: ShoppersOptions): Promise<Shoppers> {
  const stopping = new AbortController();
  const durationsMs: number[] = [];
  const failures: string[] = [];
  let orders = 0;

  const ask = async (method: string, path: string, { token, body, key }: Ask = {}): Promise<Reply> => {
    const startMs = performance.now();
    const reply = await send(options.url, method, path, { token, body, key });
    durationsMs.push(performance.now() - startMs);
    return reply;
  };
  const expect200 = (what: string, { status, text }: Reply): boolean => {
    if (status !== 200 && failures.length < FAILURES_KEPT_MAX) {
      failures.push(`${what}: ${status} ${text.slice(0, 200)}`);
    }
    return status === 200;
  };

  const shop = async (token: string, number: number): Promise<void> => {
    for (let turn = number; !stopping.signal.aborted; turn += 1) {
      const productId = options.productIds[turn % options.productIds.length] ?? '';
      const order = { token, body: { items: [{ productId, quantity: 1 }] }, key: randomUUID() };
      expect200('a page of the catalogue', await ask('GET', '/products?limit=10'));
      const placed = await ask('POST', '/orders', order);
      if (expect200('an order', placed)) {
        orders += 1;
        if (turn % 5 === 0) {
          const again = await ask('POST', '/orders', order);
          if (expect200('an order sent twice', again) && idOf(again) !== idOf(placed)) {
            failures.push(`an order sent twice became two: ${idOf(placed)} and ${idOf(again)}`);
          }
        }
        if (turn % 7 === 0) {
          const path = `/orders/${idOf(placed)}/cancel`;
          expect200('a cancellation', await ask('POST', path, { token, key: randomUUID() }));
        }
      }
      if (turn % 3 === 0) expect200('own orders', await ask('GET', '/orders?limit=5', { token }));
      await delay(options.pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };

  const tokens = await Promise.all(Array.from({ length: options.count }, () => newCustomer(options.url)));
  const shopping = tokens.map(shop);
  return {
    answered: () => durationsMs.length,
    async stop() {
      stopping.abort();
      await Promise.all(shopping);
      const sorted = durationsMs.toSorted((a, b) => a - b);
      const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
      return {
        orders,
        requests: sorted.length,
        failures,
        p50Ms: at(0.5),
        p99Ms: at(0.99),
        maxMs: at(1),
      };
    },
  };
}

interface Ask {
  readonly token?: string | undefined;
  readonly body?: object | undefined;
  readonly key?: string | undefined;
}

async function send(url: string, method: string, path: string, { token, body, key }: Ask): Promise<Reply> {
  try {
    const reply = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return { status: reply.status, text: await reply.text() };
  } catch (error) {
    return { status: 0, text: `no answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function newCustomer(url: string): Promise<string> {
  const credentials = { email: `${randomUUID()}@example.com`, password: randomUUID() };
  const post = async (path: string, ask: Ask): Promise<string> => {
    const { status, text } = await send(url, 'POST', path, ask);
    if (status >= 300 || status === 0) throw new Error(`${path} answered ${status} ${text}`);
    return text;
  };
  await post('/auth/signup', { body: credentials });
  const { token } = JSON.parse(await post('/auth/login', { body: credentials })) as { token: string };
  await post('/me/balance/charges', { token, body: { amount: BALANCE }, key: randomUUID() });
  return token;
}

function idOf({ text }: Reply): string {
  return /"id":"([^"]+)"/.exec(text)?.[1] ?? '';
}
