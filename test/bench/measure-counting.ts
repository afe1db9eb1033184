import { setTimeout as delay } from 'node:timers/promises';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { PRICE_KRW } from './bench-database.ts';
import type { Cell, CountingCell } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import type { BenchShop } from './bench-shop.ts';
import type { CellResult } from './cell-result.ts';
import { cpuMeter } from './cpu-meter.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

export interface MeasureCountingOptions {
  readonly cell: Cell & CountingCell;
  readonly round: number;
  readonly servers: BenchServers;
  readonly shop: BenchShop;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

/** More than a process counts in the measured time. */
const EVENTS = 150_000;
const MESSAGES_PER_REQUEST = 500;
/** Per call of the queue, as within an availability zone; SQS itself takes 5 to 15 ms. */
const QUEUE_LATENCY_MS = 10;
const WARM_UP_MS = 1500;
const MEASURE_MS = 3000;
const START_WAIT_MS = 15_000;
const POLL_MS = 100;

/**
 * Fills a queue with events of one product and counts how many of them per second a single data platform
 * brings into the statistics. Removes them from there afterwards: no order belongs to them.
 */
export async function measureCounting(options: MeasureCountingOptions): Promise<CellResult> {
  const { cell, round, servers, shop, workDir, signal } = options;
  const productId = newUuid();
  const queue = await startServerProcess({
    entry: 'test/bench/servers/sqs-stub.ts',
    name: 'queue to count from',
    workDir,
    env: { SQS_LATENCY_MS: String(QUEUE_LATENCY_MS) },
  });
  let consumer: ServerProcess | undefined;
  try {
    await fillQueue(queue, cell.eventsPerMessage, productId);
    consumer = await shop.startDataPlatform(queue.url);
    const counted = () => shop.database.count('processed_events');
    await untilCounting(counted, signal);
    await delay(WARM_UP_MS, undefined, { signal });
    const cpu = cpuMeter({
      application: [consumer.pid],
      database: [shop.engine.pid],
      redis: [servers.redis.pid],
      queue: [queue.pid],
      network: [],
    });
    cpu.start();
    const [startMs, before] = [performance.now(), await counted()];
    let after = before;
    while (performance.now() < startMs + MEASURE_MS && after < EVENTS) {
      await delay(POLL_MS, undefined, { signal });
      after = await counted();
    }
    const measuredMs = performance.now() - startMs;
    cpu.stop();
    await consumer.stop();
    await assertCountedOnce(shop, productId);
    const events = after - before;
    return {
      cell: cell.name,
      round: round + 1,
      ratePerS: (events * 1000) / measuredMs,
      ...cpu.used({ requests: events, loadUs: 0, measuredMs }),
      statuses: {},
    };
  } finally {
    await consumer?.stop();
    await queue.stop();
    await shop.database.write('DELETE FROM processed_events');
    await shop.database.write('DELETE FROM product_sales_hourly WHERE product_id = ?', [
      uuidBytes(productId),
    ]);
  }
}

async function fillQueue(queue: ServerProcess, perMessage: number, productId: string): Promise<void> {
  for (let made = 0; made < EVENTS; ) {
    const messages: string[] = [];
    while (messages.length < MESSAGES_PER_REQUEST && made < EVENTS) {
      const events = Array.from({ length: perMessage }, () => newEvent(productId));
      messages.push(perMessage === 1 ? events.join() : `[${events.join(',')}]`);
      made += perMessage;
    }
    const body = JSON.stringify(messages);
    await fetch(`${queue.url}/fill`, { method: 'POST', body, signal: AbortSignal.timeout(20_000) });
  }
}

function newEvent(productId: string): string {
  const event = orderCompletedEvent({
    orderId: newUuid(),
    userId: newUuid(),
    totalKrw: PRICE_KRW,
    discountKrw: 0,
    createdAt: new Date(),
    items: [{ productId, quantity: 1, unitPriceKrw: PRICE_KRW }],
  });
  return JSON.stringify(event);
}

/** Every event is one unit. */
async function assertCountedOnce({ database }: BenchShop, productId: string): Promise<void> {
  const [row] = await database.read<{ counted: number; units: number }>(
    `SELECT (SELECT COUNT(*) FROM processed_events) AS counted,
       (SELECT COALESCE(SUM(units), 0) FROM product_sales_hourly WHERE product_id = ?) AS units`,
    [uuidBytes(productId)],
  );
  if (row === undefined || row.counted !== row.units)
    throw new Error(`the statistics have ${row?.units} units of ${row?.counted} counted events`);
}

async function untilCounting(counted: () => Promise<number>, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + START_WAIT_MS;
  while ((await counted()) === 0) {
    if (performance.now() > deadlineMs) throw new Error('the data platform counts nothing');
    await delay(POLL_MS, undefined, { signal });
  }
}
