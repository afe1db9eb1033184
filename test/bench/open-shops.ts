import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import type { ShopKind } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import { type BenchShop, openBenchShop } from './bench-shop.ts';
import type { NetworkDelays } from './network/delayed-network.ts';
import { writeDirtyPages } from './write-dirty-pages.ts';
import { preloadOrders } from './preload-orders.ts';

/** The shops of a run. They and their processes live as long as the run, so that nothing is measured cold. */
export interface OpenShops {
  /** Opens the shop on the first call. */
  of(kind: ShopKind): Promise<BenchShop>;
  /** Shops that were opened since the last reset, or had orders then. */
  used(): readonly (readonly [ShopKind, BenchShop])[];
  /** Restores the initial state of every shop; the preloaded one keeps its orders. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface OpenShopsOptions {
  readonly servers: BenchServers;
  /** Undefined if no measurement needs it. */
  readonly mysql: MysqlServer | undefined;
  readonly workDir: string;
  readonly log: (line: string) => void;
}

const PRELOADED_ORDERS = 1_000_000;
/** Redis database numbers for sessions and cache of each shop. */
const redisDatabases: Readonly<Record<ShopKind, number>> = {
  round: 1,
  fresh: 2,
  mysql: 3,
  preloaded: 4,
  delayed: 5,
  'slow-commit': 6,
};
/** As between an instance and RDS and ElastiCache in another zone; a commit on its storage takes 3 ms. */
const networks: Partial<Readonly<Record<ShopKind, NetworkDelays>>> = {
  delayed: { mysqlMs: 0.5, redisMs: 0.25, commitMs: 0 },
  'slow-commit': { mysqlMs: 0.5, redisMs: 0.25, commitMs: 3 },
};

export function openShops({ servers, mysql, workDir, log }: OpenShopsOptions): OpenShops {
  const shops = new Map<ShopKind, BenchShop>();

  const open = async (kind: ShopKind): Promise<BenchShop> => {
    const engine = kind === 'mysql' ? mysql : servers.database;
    if (engine === undefined) throw new Error('MySQL was not started');
    const redisDatabase = redisDatabases[kind];
    const name = `bench_${kind.replaceAll('-', '_')}`;
    const network = networks[kind];
    const shop = await openBenchShop({ servers, engine, name, redisDatabase, network, workDir });
    shops.set(kind, shop);
    if (kind === 'preloaded') {
      const startMs = performance.now();
      await preloadOrders(shop.database, PRELOADED_ORDERS);
      await writeDirtyPages(engine);
      log(`one million orders written in ${Math.round((performance.now() - startMs) / 1000)} s`);
    }
    return shop;
  };

  return {
    of: async (kind) => shops.get(kind) ?? open(kind),
    used: () => [...shops],
    async reset() {
      for (const [kind, shop] of shops) {
        if (kind === 'preloaded') continue;
        await shop.database.reset();
        shop.accepted = 0;
      }
    },
    async close() {
      await Promise.all([...shops.values()].map((shop) => shop.close()));
    },
  };
}
