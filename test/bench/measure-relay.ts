import { setTimeout as delay } from 'node:timers/promises';
import { orderCompletedEvent } from '../../app/events/order-event.ts';
import { newUuid, uuidBytes } from '../../app/platform/uuid.ts';
import { provision } from '../../localstack/aws/provision.ts';
import { startAwsEndpoint } from '../../localstack/aws/start-aws-endpoint.ts';
import { PRICE_KRW } from './bench-database.ts';
import type { Cell, RelayCell } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import type { BenchShop } from './bench-shop.ts';
import type { CellResult } from './cell-result.ts';

export interface MeasureRelayOptions {
  readonly cell: Cell & RelayCell;
  readonly round: number;
  readonly servers: BenchServers;
  readonly shop: BenchShop;
  readonly workDir: string;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}

/** More events than a worker sends within the measured time. */
const EVENTS = 60_000;
const ROWS_MAX = 2000;
const WARM_UP_MS = 500;
const MEASURE_MS = 3000;
const START_WAIT_MS = 15_000;
const POLL_MS = 10;
const REGION = 'ap-northeast-2';

/**
 * Fills the outbox with events past their grace period and counts the rows per second that a single worker
 * sends and removes. A row counts once it is removed, so the figure includes both sending and removal.
 */
export async function measureRelay(options: MeasureRelayOptions): Promise<CellResult> {
  const { cell, round, shop, signal } = options;
  await fillOutbox(shop);
  const queue = await queueOf(options);
  try {
    const worker = await shop.startWorker(queue.queueUrl, queue.endpointUrl);
    const left = () => shop.database.count('outbox');
    await untilBelow(left, EVENTS, signal);
    await delay(WARM_UP_MS, undefined, { signal });
    const [startMs, before] = [performance.now(), await left()];
    while (performance.now() < startMs + MEASURE_MS && (await left()) > 0) {
      await delay(POLL_MS * 10, undefined, { signal });
    }
    const [endMs, after] = [performance.now(), await left()];
    await worker.stop();
    return {
      cell: cell.name,
      round: round + 1,
      ratePerS: ((before - after) * 1000) / (endMs - startMs),
      statuses: {},
    };
  } finally {
    await shop.database.write('DELETE FROM outbox WHERE type = ?', [FILLER_TYPE]);
    await queue.stop();
  }
}

/** Type that distinguishes these otherwise ordinary events from those of the round's orders. */
const FILLER_TYPE = 'rowlock.bench.filler';

async function fillOutbox({ database }: BenchShop): Promise<void> {
  for (let made = 0; made < EVENTS; made += ROWS_MAX) {
    const rows = Array.from({ length: ROWS_MAX }, () => {
      const event = orderCompletedEvent({
        orderId: newUuid(),
        userId: newUuid(),
        totalKrw: PRICE_KRW,
        discountKrw: 0,
        createdAt: new Date(),
        items: [{ productId: database.productIds[0] ?? '', quantity: 1, unitPriceKrw: PRICE_KRW }],
      });
      return [uuidBytes(event.id), FILLER_TYPE, JSON.stringify(event), new Date(), new Date()];
    });
    await database.write('INSERT INTO outbox (event_id, type, payload, created_at, claimed_until) VALUES ?', [
      rows,
    ]);
  }
  await database.write('ANALYZE TABLE outbox');
}

async function queueOf({ cell, servers, workDir, cacheDir }: MeasureRelayOptions) {
  if (cell.queue === 'stub') {
    const endpointUrl = servers.queue.url;
    return {
      endpointUrl,
      queueUrl: `${endpointUrl}/000000000000/OrderCompleted`,
      stop: async () => undefined,
    };
  }
  const emulator = await startAwsEndpoint({
    mode: 'embedded',
    dataDir: `${workDir}/emulator`,
    cacheDir,
    region: REGION,
    log: () => undefined,
  });
  const { queueUrl } = await provision({
    endpoint: emulator.endpoint,
    region: REGION,
    hasBucketConfiguration: emulator.hasBucketConfiguration,
  });
  return { endpointUrl: emulator.endpoint, queueUrl, stop: () => emulator.stop() };
}

async function untilBelow(value: () => Promise<number>, limit: number, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + START_WAIT_MS;
  while ((await value()) >= limit) {
    if (performance.now() > deadlineMs) throw new Error('the worker sends nothing');
    await delay(POLL_MS, undefined, { signal });
  }
}
