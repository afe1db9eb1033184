import type { KafkaServer } from '../../localstack/kafka/start-kafka-server.ts';
import { auditAnswers, auditShop } from './audit-shop.ts';
import { type BenchSettings, type Cell, cellsOfRound } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import type { CellResult } from './cell-result.ts';
import { measureByWrk } from './measure-by-wrk.ts';
import { measureCounting } from './measure-counting.ts';
import { measureEvents } from './measure-events.ts';
import { measureLoad } from './measure-load.ts';
import { measureRelay } from './measure-relay.ts';
import type { OpenShops } from './open-shops.ts';

export interface RunRoundOptions {
  /** Round number, starting at 0. */
  readonly round: number;
  readonly cells: readonly Cell[];
  readonly settings: BenchSettings;
  readonly servers: BenchServers;
  readonly shops: OpenShops;
  /** Undefined where no measurement needs it. */
  readonly kafka: KafkaServer | undefined;
  readonly workDir: string;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onResult: (result: CellResult) => void;
}

/**
 * Runs every measurement of the round in sequence, then the audit. Throws with the violations that the audit
 * found.
 */
export async function runRound(options: RunRoundOptions): Promise<void> {
  const { round, settings, shops, signal } = options;
  await shops.reset();
  for (const cell of cellsOfRound(options.cells, round, settings)) {
    signal.throwIfAborted();
    options.onResult(await measure(cell, options));
  }
  for (const [kind, shop] of shops.used()) {
    const faults =
      kind === 'preloaded'
        ? await auditAnswers(shop, options.servers.queue)
        : await auditShop(shop, options.servers.queue, signal);
    assertNoFaults(faults, `round ${round + 1}, ${kind} shop`);
  }
}

async function measure(cell: Cell, options: RunRoundOptions): Promise<CellResult> {
  const { shops } = options;
  switch (cell.kind) {
    case 'load':
      return (cell.client === 'wrk' ? measureByWrk : measureLoad)({
        ...options,
        cell,
        shop: await shops.of(cell.shop),
      });
    case 'relay':
      return measureRelay({ ...options, cell, shop: await shops.of('round') });
    case 'counting':
      return measureCounting({ ...options, cell, shop: await shops.of('round') });
    case 'events':
      return measureEvents({ ...options, cell });
  }
}

/** Throws for any violation: a wrong sale makes every figure worthless. */
export function assertNoFaults(faults: readonly string[], where: string): void {
  if (faults.length > 0) throw new Error(`the audit found faults (${where}):\n  ${faults.join('\n  ')}`);
}
