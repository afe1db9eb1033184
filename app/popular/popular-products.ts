import { findProductsOnSale } from '../catalogue/product-sql.ts';
import type { Database } from '../platform/database.ts';
import type { Log } from '../platform/log.ts';
import { OperationalError } from '../platform/operational-error.ts';
import type { RedisStore } from '../platform/redis.ts';
import { listTopSellers } from '../statistics/statistics-sql.ts';
import { popularWindow } from './popular-window.ts';

export const POPULAR_TTL_S = 60;
export const POPULAR_MAX = 20;

const KEY = 'popular:v1';
/** Inactive products drop out of the ranking, so more rows than places are read; a page at a time. */
const RANKING_PAGE = 100;
const RANKING_PAGES_MAX = 10;

export interface PopularProduct {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly units: number;
  readonly revenue: number;
}

export interface PopularList {
  readonly data: readonly PopularProduct[];
  readonly window: { readonly from: string; readonly to: string };
  readonly generatedAt: string;
}

export interface PopularDependencies {
  readonly database: Database;
  readonly cache: RedisStore;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** The list as this process holds it. */
export interface PopularCopy {
  readonly list: PopularList;
  readonly untilMs: number;
  /** The answer with the first `limit` products, as JSON, made once. */
  readonly answer: (limit: number) => Buffer;
}

/**
 * Gives the twenty best-selling products of the last 72 hours, at most 60 s old: from memory, else from Redis with what
 * is left of its time there, else from the statistics table and then into Redis. Requests that come while a process
 * looks share that look-up. Without Redis each process asks MySQL once in 60 s.
 */
export function popularProducts(dependencies: PopularDependencies): () => Promise<PopularCopy> {
  const { nowMs } = dependencies;
  let copy: PopularCopy | undefined;
  let looking: Promise<PopularCopy> | undefined;

  const look = async (): Promise<PopularCopy> => {
    const cached = await readCache(dependencies);
    if (cached !== undefined) return copyOf(cached.list, nowMs() + cached.leftMs);
    const list = await rankProducts(dependencies);
    await writeCache(dependencies, list);
    return copyOf(list, nowMs() + POPULAR_TTL_S * 1000);
  };

  return async () => {
    if (copy !== undefined && copy.untilMs > nowMs()) return copy;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    copy = await looking;
    return copy;
  };
}

function copyOf(list: PopularList, untilMs: number): PopularCopy {
  const answers = new Map<number, Buffer>();
  return {
    list,
    untilMs,
    answer: (limit) => {
      const made =
        answers.get(limit) ?? Buffer.from(JSON.stringify({ ...list, data: list.data.slice(0, limit) }));
      answers.set(limit, made);
      return made;
    },
  };
}

async function rankProducts({ database, nowMs }: PopularDependencies): Promise<PopularList> {
  const generatedAtMs = nowMs();
  const window = popularWindow(generatedAtMs);
  const data: PopularProduct[] = [];
  for (let page = 0; page < RANKING_PAGES_MAX; page += 1) {
    const sellers = await listTopSellers(database, {
      ...window.hours,
      limit: RANKING_PAGE,
      offset: page * RANKING_PAGE,
    });
    const onSale = await findProductsOnSale(
      database,
      sellers.map(({ productId }) => productId),
    );
    const products = new Map(onSale.map((product) => [product.id, product]));
    for (const { productId, units, revenueKrw } of sellers) {
      const product = products.get(productId);
      if (product === undefined) continue;
      data.push({ id: productId, name: product.name, price: product.priceKrw, units, revenue: revenueKrw });
    }
    if (data.length >= POPULAR_MAX || sellers.length < RANKING_PAGE) break;
  }
  return {
    data: data.slice(0, POPULAR_MAX),
    window: { from: window.from.toISOString(), to: window.to.toISOString() },
    generatedAt: new Date(generatedAtMs).toISOString(),
  };
}

async function readCache({
  cache,
  log,
}: PopularDependencies): Promise<{ list: PopularList; leftMs: number } | undefined> {
  try {
    const [value, leftMs] = await cache.run((client) => Promise.all([client.get(KEY), client.pttl(KEY)]));
    return value === null || leftMs <= 0 ? undefined : { list: JSON.parse(value) as PopularList, leftMs };
  } catch (error) {
    // Whatever is wrong with the cached list, MySQL has a good one.
    log.warn('popular_cache_unreadable', { error });
    return undefined;
  }
}

async function writeCache({ cache, log }: PopularDependencies, list: PopularList): Promise<void> {
  try {
    await cache.run((client) => client.set(KEY, JSON.stringify(list), 'EX', POPULAR_TTL_S));
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    log.warn('popular_cache_unwritable', { error });
  }
}
