import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchSettings, Cell, LoadCell } from './bench-plan.ts';
import type { BenchShop } from './bench-shop.ts';
import type { CellResult } from './cell-result.ts';
import { introduceBuyers } from './load/introduce-buyers.ts';
import { publisherAtRest } from './measure-load.ts';

export interface MeasureByWrkOptions {
  readonly cell: Cell & LoadCell;
  readonly round: number;
  readonly settings: BenchSettings;
  readonly shop: BenchShop;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

interface WrkResult {
  readonly requests: number;
  readonly durationUs: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

const run = promisify(execFile);
const script = join(import.meta.dirname, 'load/orders.lua');
const THREADS = 2;
/** wrk counts whole responses only; those of a slow server take a second. */
const SHORTEST_MS = 4000;
/** Added to the measured time: connecting and the last responses. */
const EXTRA_TIME_MS = 30_000;

/** Whether wrk is on the path; it exits with 1 after printing its version. */
export async function hasWrk(): Promise<boolean> {
  return run('wrk', ['--version']).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
}

/**
 * Loads a server with wrk, a client that is not part of this project, and throws for any response but a 200.
 * Only orders of the hot product. wrk drops the requests that are under way at its end, so the orders that
 * the audit expects are counted in the database.
 */
export async function measureByWrk(options: MeasureByWrkOptions): Promise<CellResult> {
  const { cell, round, settings, shop, workDir } = options;
  const running = await shop.processes(cell.server);
  const url = running.processes[0]?.url ?? '';
  const tokens = shop.database.tokens.slice(0, settings.buyers);
  const tokensFile = join(workDir, 'tokens');
  writeFileSync(tokensFile, `${tokens.join('\n')}\n`);
  await introduceBuyers([url], tokens);
  const before = await shop.database.count('orders');

  const load = async (durationMs: number, phase: string): Promise<WrkResult> => {
    const seconds = Math.ceil(durationMs / 1000);
    const { stdout } = await run(
      'wrk',
      [
        `-t${THREADS}`,
        `-c${cell.connections}`,
        `-d${seconds}s`,
        `-s${script}`,
        url,
        '--',
        tokensFile,
        shop.database.productIds[0] ?? '',
        `wrk-${round}-${cell.server}-${phase}-`,
      ],
      { timeout: seconds * 1000 + EXTRA_TIME_MS, signal: options.signal },
    );
    const line = stdout.split('\n').findLast((text) => text.startsWith('{"requests"'));
    return JSON.parse(line ?? '') as WrkResult;
  };
  const warmUp = await load(running.isWarm ? settings.warmUpMs : settings.firstWarmUpMs, 'warm-up');
  running.isWarm = true;
  const result = await load(Math.max(SHORTEST_MS, settings.measureMs), 'measured');
  const failed = warmUp.failed + result.failed;
  if (failed > 0) throw new Error(`${cell.name}: ${failed} requests without a response of 200`);

  const leftInOutbox = await publisherAtRest(shop);
  const placed = (await shop.database.count('orders')) - before;
  const answered = warmUp.requests + result.requests;
  if (placed < answered || placed > answered + 2 * cell.connections) {
    throw new Error(`${cell.name}: ${answered} orders were accepted, and ${placed} are in the database`);
  }
  shop.accepted += placed;
  const { p50Us, p90Us, p99Us, maxUs } = result;
  return {
    cell: cell.name,
    round: round + 1,
    ratePerS: (result.requests * 1e6) / result.durationUs,
    latencyMs: { p50: p50Us / 1000, p90: p90Us / 1000, p99: p99Us / 1000, max: maxUs / 1000 },
    statuses: { 200: answered },
    leftInOutbox,
  };
}
