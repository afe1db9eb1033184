import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { BenchSettings, Cell, LoadCell } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import type { BenchShop } from './bench-shop.ts';
import type { CellResult } from './cell-result.ts';
import { cpuMeter } from './cpu-meter.ts';
import { latencyHistogram } from './load/latency-histogram.ts';
import type { LoadJob, LoadResult } from './load/load-job.ts';
import { runLoad } from './load/run-load.ts';
import { warmUp } from './warm-up.ts';

export interface MeasureLoadOptions {
  readonly cell: Cell & LoadCell;
  readonly round: number;
  readonly settings: BenchSettings;
  readonly servers: BenchServers;
  readonly shop: BenchShop;
  readonly signal: AbortSignal;
}

/** Shorter than the 30 s for which the app caches a user, by more than a cell takes. */
const INTRODUCTION_LASTS_MS = 20_000;
/**
 * Maximum wait for the publisher after the load, so that its work does not run during the next measurement.
 */
const PUBLISH_WAIT_MS = 10_000;
const POLL_MS = 50;
const ZIPF_EXPONENT = 1;
const account = { email: 'returning@example.com', password: 'correct horse battery' };
const logIn = { kind: 'fixed', method: 'POST', path: '/auth/login', body: JSON.stringify(account) } as const;

/** Accepted responses. A busy machine sheds log-ins, whose hashes yield to all other work. */
const ORDERS = ['200'];
const LOG_INS = ['200', '503'];

/** Loads the servers of a cell; throws for any response other than 200, or 503 to a log-in. */
export async function measureLoad(options: MeasureLoadOptions): Promise<CellResult> {
  const { cell, round, settings, servers, shop, signal } = options;
  const running = await shop.processes(cell.server);
  const urls = running.processes.map(({ url }) => url);
  const isOrders = cell.server !== 'echo' && ['hot', 'zipf', 'uniform'].includes(cell.load);
  const introduce = isOrders && performance.now() - running.introducedAtMs > INTRODUCTION_LASTS_MS;
  if (introduce) running.introducedAtMs = performance.now();
  if (cell.server === 'popular from Redis' || cell.server === 'popular by Express')
    await copyPopularAnswer(shop);

  const job: LoadJob = {
    urls,
    connections: cell.connections,
    warmUpMs: settings.warmUpMs,
    durationMs: settings.measureMs,
    pace: { kind: 'closed' },
    requests: requestsOf(cell, round, shop, { buyers: settings.buyers, introduce }),
    seed: round,
  };
  if (cell.load === 'log-in' || cell.logInsBeside !== undefined) await openAccount(urls[0] ?? '', shop);
  if (!running.isWarm) {
    const served = await warmUp(job, { atMostMs: settings.firstWarmUpMs, signal });
    if (isOrders) shop.accepted += served;
    running.isWarm = true;
  }
  const before = await messagesOf(servers.queue.url);
  const cpu = cpuMeter({
    application: running.processes.map(({ pid }) => pid),
    database: [shop.engine.pid],
    redis: [servers.redis.pid],
    queue: [servers.queue.pid],
    network: shop.networkPids,
  });
  const [result, beside] = await Promise.all([
    runLoad(job, {
      signal,
      onPhase: (phase) => (phase === 'measuring' ? cpu.start() : cpu.stop()),
    }),
    cell.logInsBeside === undefined
      ? undefined
      : runLoad({ ...job, connections: cell.logInsBeside, requests: logIn }, { signal }),
  ]);
  assertAllAccepted(cell.name, result, cell.load === 'log-in' ? LOG_INS : ORDERS);
  if (beside !== undefined) assertAllAccepted(`log-ins of ${cell.name}`, beside, LOG_INS);
  const { count = 0, latencies = [] } = result.byStatus['200'] ?? {};
  if (isOrders) shop.accepted += result.totals['200'] ?? 0;
  const leftInOutbox = isOrders ? await publisherAtRest(shop) : undefined;
  const after = await messagesOf(servers.queue.url);
  const histogram = latencyHistogram(latencies);
  const quantileMs = (share: number) => histogram.quantile(share) / 1000;
  return {
    cell: cell.name,
    round: round + 1,
    ratePerS: (count * 1000) / result.measuredMs,
    latencyMs: { p50: quantileMs(0.5), p90: quantileMs(0.9), p99: quantileMs(0.99), max: quantileMs(1) },
    ...cpu.used({ requests: count, loadUs: result.ownCpuUs, measuredMs: result.measuredMs }),
    statuses: result.totals,
    ...(after.messages === before.messages
      ? {}
      : { eventsPerMessage: (after.events - before.events) / (after.messages - before.messages) }),
    ...(leftInOutbox === undefined ? {} : { leftInOutbox }),
    ...(beside === undefined
      ? {}
      : { logInsPerS: ((beside.byStatus['200']?.count ?? 0) * 1000) / beside.measuredMs }),
  };
}

function requestsOf(
  { name, load }: Cell & LoadCell,
  round: number,
  { database }: BenchShop,
  { buyers, introduce }: { buyers: number; introduce: boolean },
): LoadJob['requests'] {
  const { productIds } = database;
  const tokens = database.tokens.slice(0, buyers);
  if (load === 'log-in') return logIn;
  if (load === 'popular') return { kind: 'fixed', method: 'GET', path: '/products/popular' };
  return {
    kind: 'orders',
    tokens,
    productIds: load === 'hot' ? productIds.slice(0, 1) : productIds,
    zipfExponent: load === 'zipf' ? ZIPF_EXPONENT : 0,
    keyPrefix: `${round}-${name.replaceAll(/[^a-z0-9]+/gi, '-')}-`,
    introduce,
  };
}

function assertAllAccepted(
  cell: string,
  { totals, unanswered, connectionErrors, samples }: LoadResult,
  accepted: readonly string[],
): void {
  const others = Object.entries(totals).filter(([status]) => !accepted.includes(status));
  if (others.length === 0 && unanswered === 0) return;
  const counts = others.map(([status, count]) => `${count} × ${status}`).join(', ');
  throw new Error(
    `${cell}: ${counts}, ${unanswered} unanswered ${JSON.stringify(connectionErrors)}\n${samples[0] ?? ''}`,
  );
}

/**
 * Waits until all events are sent and removed; returns the number that remain and are not being processed.
 */
export async function publisherAtRest({ database }: BenchShop): Promise<number> {
  const deadlineMs = performance.now() + PUBLISH_WAIT_MS;
  let left = await database.count('outbox');
  let unchanged = 0;
  while (left > 0 && unchanged < 10 && performance.now() < deadlineMs) {
    await delay(POLL_MS);
    const now = await database.count('outbox');
    unchanged = now === left ? unchanged + 1 : 0;
    left = now;
  }
  return left;
}

/** Messages that the queue has acknowledged, and the events in them. */
async function messagesOf(queueUrl: string): Promise<{ messages: number; events: number }> {
  const answer = await fetch(`${queueUrl}/acknowledged`, { signal: AbortSignal.timeout(10_000) });
  const { messages, events = messages } = (await answer.json()) as { messages: number; events?: number };
  return { messages, events };
}

/**
 * Opens the account that logs in, which is none of the buyers: an account has at most fifty sessions, and
 * each log-in beyond ends its oldest one.
 */
async function openAccount(url: string, { database }: BenchShop): Promise<void> {
  const known = await database.read('SELECT id FROM users WHERE email = ?', [account.email]);
  if (known.length > 0) return;
  const { status } = await fetch(`${url}/auth/signup`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(account),
    signal: AbortSignal.timeout(10_000),
  });
  if (status !== 201) throw new Error(`the account that logs in could not be opened: ${status}`);
}

/** Stores the shop's own response in Redis, where the variant reads it. */
async function copyPopularAnswer(shop: BenchShop): Promise<void> {
  const [server] = (await shop.processes('rowlock')).processes;
  const answer = await fetch(`${server?.url}/products/popular`, { signal: AbortSignal.timeout(10_000) });
  const body = await answer.text();
  if ((JSON.parse(body) as { data: unknown[] }).data.length === 0) throw new Error('no product is popular');
  const redis = new Redis(shop.database.redisUrl, { commandTimeout: 5000 });
  try {
    await redis.set('bench:popular-answer', body);
  } finally {
    redis.disconnect();
  }
}
