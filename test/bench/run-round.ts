import { auditShop, auditShopQuickly } from './audit-shop.ts';
import { type BenchSettings, type Cell, cellsOfRound, type ShopKind } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import { type BenchShop, openBenchShop } from './bench-shop.ts';
import type { MysqlServer } from '../../scripts/servers/start-mysql-server.ts';
import type { CellResult } from './cell-result.ts';
import { measureLoad } from './measure-load.ts';
import { measureRelay } from './measure-relay.ts';

export interface RunRoundOptions {
  /** From 0. */
  readonly round: number;
  readonly cells: readonly Cell[];
  readonly settings: BenchSettings;
  readonly servers: BenchServers;
  /** Undefined where it is not needed. */
  readonly mysql: MysqlServer | undefined;
  /** With a million orders in it; kept from round to round. Undefined where it is not needed. */
  readonly preloaded: BenchShop | undefined;
  readonly workDir: string;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
  readonly onResult: (result: CellResult) => void;
}

/** Databases of Redis; the preloaded shop has one of its own. */
const redisDatabases: Readonly<Record<Exclude<ShopKind, 'preloaded'>, number>> = {
  round: 1,
  fresh: 2,
  mysql: 3,
};

/** One after another, every measurement of the round, then the audit. Throws with what the audit found. */
export async function runRound(options: RunRoundOptions): Promise<void> {
  const { round, settings, servers, workDir, preloaded, signal } = options;
  const cells = cellsOfRound(options.cells, round, settings);
  const shops = new Map<ShopKind, BenchShop>();
  if (preloaded !== undefined) shops.set('preloaded', preloaded);
  const shopOf = async (kind: ShopKind): Promise<BenchShop> => {
    const known = shops.get(kind);
    if (known !== undefined) return known;
    if (kind === 'preloaded') throw new Error('the shop with a million orders was not made');
    const engine = kind === 'mysql' ? options.mysql : servers.database;
    if (engine === undefined) throw new Error('MySQL was not started');
    const made = await openBenchShop({
      servers,
      engine,
      name: `bench_${round}_${kind}`,
      redisDatabase: redisDatabases[kind],
      workDir,
    });
    shops.set(kind, made);
    return made;
  };
  try {
    for (const cell of cells) {
      signal.throwIfAborted();
      const shop = await shopOf(cell.kind === 'load' ? cell.shop : 'round');
      const result =
        cell.kind === 'load'
          ? await measureLoad({ ...options, cell, shop })
          : await measureRelay({ ...options, cell, shop });
      options.onResult(result);
    }
    await audit(shops, servers, round);
  } finally {
    await Promise.all([...shops.values()].map((shop) => shop.stopProcesses()));
  }
  for (const [kind, { database }] of shops) if (kind !== 'preloaded') await database.drop();
}

async function audit(
  shops: ReadonlyMap<ShopKind, BenchShop>,
  { queue }: BenchServers,
  round: number,
): Promise<void> {
  for (const [kind, shop] of shops) {
    const faults = kind === 'preloaded' ? await auditShopQuickly(shop, queue) : await auditShop(shop, queue);
    assertNoFaults(faults, `round ${round + 1}, ${kind} shop`);
  }
}

/** What was sold wrongly makes every figure worthless. */
export function assertNoFaults(faults: readonly string[], where: string): void {
  if (faults.length > 0) throw new Error(`the audit found faults (${where}):\n  ${faults.join('\n  ')}`);
}
