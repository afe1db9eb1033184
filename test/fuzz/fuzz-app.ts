import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import type { AppProcess } from '../support/shop/app-process.ts';
import { databaseSnapshot } from '../support/servers/database-snapshot.ts';
import type { TestShop } from '../support/shop/test-shop.ts';
import { until } from '../support/until.ts';
import { type FuzzConnection, openFuzzConnection } from './fuzz-connection.ts';
import { type ExchangeResult, fuzzExchange } from './fuzz-exchange.ts';
import type { FuzzWorld } from './fuzz-world.ts';
import { type HostileRequest, hostileRequest, type RequestPlan, requestPlan } from './hostile-request.ts';
import { fuzzedOperations, makeFuzzWorld } from './make-fuzz-world.ts';

export interface Finding {
  /**
   * Number of the request, or of the first in its batch of a thousand if it is not known which one failed.
   */
  readonly number: number;
  readonly what: string;
  readonly faults: readonly string[];
  readonly pieces: readonly Buffer[];
}

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly byKind: ReadonlyMap<string, number>;
  /** Number of replies by operation and status. */
  readonly replies: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Numbers of the requests that were answered with 503 and sent again. */
  readonly unavailable: readonly number[];
  readonly findings: readonly Finding[];
  /** Memory in MB; heap sizes are taken after a garbage collection, after the warm-up and at the end. */
  readonly memory: {
    readonly heapWarm: number;
    readonly heapEnd: number;
    readonly rssMax: number | undefined;
  };
  readonly durationMs: number;
}

export interface FuzzOptions {
  readonly shop: TestShop;
  readonly requests: number;
  readonly seed: number;
  /** Number of the first request, to repeat part of a run. */
  readonly first?: number;
  readonly onProgress?: (done: number, findings: number) => void;
}

/** Number of requests that are planned together and followed by a check of the database. */
const BATCH = 1000;
const WORKERS = 16;
/** Number of requests after which caches and pools are filled. */
const WARM_AFTER = 3000;
const FINDINGS_MAX = 50;
const UNAVAILABLE = 503;
/** Maximum number of 503 replies; more are no coincidence. */
const UNAVAILABLE_MAX = 10;
const heapReporter = fileURLToPath(new URL('../support/observe/report-heap.ts', import.meta.url));

/** A limit that counts every request and is never reached. */
const never = '900000000/60';

/**
 * Sends hostile requests to a separate process of the app and checks every response, the tables, the log and
 * the memory. The same seed sends the same requests, except for ids and tokens.
 */
export async function fuzzApp({
  shop,
  requests,
  seed,
  first = 0,
  onProgress,
}: FuzzOptions): Promise<FuzzReport> {
  const startMs = performance.now();
  const app = await shop.start(['api'], {
    nodeOptions: ['--expose-gc', '--import', heapReporter],
    env: {
      // Makes the app read addresses that clients send.
      TRUST_PROXY: '1',
      ...Object.fromEntries(
        [
          'RATE_LIMIT_USER',
          'RATE_LIMIT_ADDRESS',
          'RATE_LIMIT_AUTH',
          'RATE_LIMIT_GUEST_CARTS',
          'RATE_LIMIT_STATUS',
        ].map((name) => [name, never]),
      ),
    },
  });
  const world = await makeFuzzWorld(shop, app);
  const plans = requestPlan(fuzzedOperations(), Object.values(world.ids));
  const unavailable: number[] = [];
  const tally = {
    unavailable,
    byKind: new Map<string, number>(),
    replies: new Map<string, Map<number, number>>(),
  };
  const findings: Finding[] = [];
  const slow: Promise<void>[] = [];
  const untouched = await databaseSnapshot(shop.database);
  const send = sender({ app, world, tally, findings, slow });

  let heapWarm: number | undefined;
  const end = first + requests;
  for (let at = first; at < end && findings.length < FINDINGS_MAX; ) {
    const batch = Math.floor(at / BATCH);
    const batchEnd = Math.min(end, (batch + 1) * BATCH);
    const made = fc.sample(plans, { seed: seedOf(seed, batch), numRuns: BATCH });
    const queue = made
      .map((plan, index) => ({ plan, number: batch * BATCH + index }))
      .slice(at % BATCH, (at % BATCH) + batchEnd - at);
    await send(queue);
    await lookAtDatabase({ shop, untouched, findings, batchStart: at, batchEnd });
    at = batchEnd;
    if (heapWarm === undefined && at - first >= WARM_AFTER) heapWarm = await heapMb(app);
    onProgress?.(at - first, findings.length);
  }
  await Promise.all(slow);
  await lookAtDatabase({ shop, untouched, findings, batchStart: first, batchEnd: end });
  for (const line of app.logs.filter(({ level }) => level === 'error')) {
    findings.push({ number: first, what: 'the log', faults: [JSON.stringify(line)], pieces: [] });
  }
  if (unavailable.length > UNAVAILABLE_MAX) {
    const faults = [`${unavailable.length} answers were a 503`];
    findings.push({ number: unavailable[0] ?? first, what: 'availability', faults, pieces: [] });
  }
  const heapEnd = await heapMb(app);
  const rssMax = rssMaxMb(app.pid);
  await app.stop();
  return {
    seed,
    requests,
    ...tally,
    findings,
    memory: { heapWarm: heapWarm ?? heapEnd, heapEnd, rssMax },
    durationMs: performance.now() - startMs,
  };
}

/** Derives unrelated seeds for the batches of neighbouring seeds. */
function seedOf(seed: number, batch: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(batch, 0x85ebca6b)) | 0;
}

interface Sending {
  readonly app: AppProcess;
  readonly world: FuzzWorld;
  readonly tally: {
    readonly unavailable: number[];
    readonly byKind: Map<string, number>;
    readonly replies: Map<string, Map<number, number>>;
  };
  readonly findings: Finding[];
  readonly slow: Promise<void>[];
}

function sender({ app, world, tally, findings, slow }: Sending) {
  const port = Number(new URL(app.url).port);

  const count = (request: HostileRequest, number: number, { replies, faults }: ExchangeResult): void => {
    tally.byKind.set(request.kind, (tally.byKind.get(request.kind) ?? 0) + 1);
    for (const { operation, status } of replies) {
      const statuses = tally.replies.get(operation) ?? new Map<number, number>();
      tally.replies.set(operation, statuses.set(status, (statuses.get(status) ?? 0) + 1));
    }
    if (faults.length > 0) {
      findings.push({ number, what: `${request.kind}: ${request.what}`, faults, pieces: request.pieces });
    }
  };

  // Repeats a request that got 503: on a busy machine Redis may miss its 500 ms.
  const exchange = async (
    connection: FuzzConnection,
    request: HostileRequest,
    number: number,
  ): Promise<void> => {
    const result = await fuzzExchange(connection, request, world, number);
    if (!result.replies.some(({ status }) => status === UNAVAILABLE)) {
      count(request, number, result);
      return;
    }
    tally.unavailable.push(number);
    connection.close();
    const again = await openFuzzConnection(port);
    count(request, number, await fuzzExchange(again, request, world, number));
    again.close();
  };

  const work = async (queue: { plan: RequestPlan; number: number }[]): Promise<void> => {
    let connection: FuzzConnection | undefined;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { number } = next;
      const request = hostileRequest(next.plan, world, number);
      if (request.kind === 'slow') {
        slow.push(openFuzzConnection(port).then((own) => exchange(own, request, number)));
        continue;
      }
      if (connection === undefined || connection.isClosed) connection = await openFuzzConnection(port);
      await exchange(connection, request, number);
    }
    connection?.close();
  };

  return async (queue: { plan: RequestPlan; number: number }[]): Promise<void> => {
    await Promise.all(Array.from({ length: WORKERS }, () => work(queue)));
  };
}

async function lookAtDatabase({
  shop,
  untouched,
  findings,
  batchStart,
  batchEnd,
}: {
  shop: TestShop;
  untouched: Readonly<Record<string, number>>;
  findings: Finding[];
  batchStart: number;
  batchEnd: number;
}): Promise<void> {
  const now = await databaseSnapshot(shop.database);
  const changed = Object.keys(now).filter((table) => now[table] !== untouched[table]);
  if (changed.length === 0) return;
  findings.push({
    number: batchStart,
    what: 'the database',
    faults: [
      `${changed.join(', ')} changed in requests ${batchStart} to ${batchEnd - 1}, or an earlier one ` +
        'that was slow',
    ],
    pieces: [],
  });
}

async function heapMb(app: AppProcess): Promise<number> {
  const reports = () => app.logs.filter(({ event }) => event === 'heap');
  const before = reports().length;
  app.signal('SIGUSR2');
  const report = await until('the heap of the app', () => reports()[before], { intervalMs: 200 });
  return Number(report.usedMb);
}

/** Peak memory of the process; undefined without /proc. */
function rssMaxMb(pid: number): number | undefined {
  try {
    const [, kb] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kb === undefined ? undefined : Number(kb) / 1024;
  } catch {
    return undefined;
  }
}
