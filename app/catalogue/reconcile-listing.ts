import type { Database } from '../platform/mysql/database.ts';
import { type LeaderDependencies, runAsLeader } from '../platform/redis/run-as-leader.ts';
import { findWronglyListed, replaceListing } from './listing-sql.ts';
import { lockProducts } from './product-sql.ts';
import { lockStock } from './stock-sql.ts';

export interface ReconcileListingDependencies extends LeaderDependencies {
  readonly database: Database;
}

/** Products compared per statement, which takes 5 ms. */
const COMPARED_MAX = 1000;
/** Products repaired per transaction, which keeps them locked. */
const REPAIRED_MAX = 50;
const LOCK_TTL_MS = 30_000;

/**
 * Compares the listing with products and stock repeatedly until `signal` aborts, and repairs wrong entries:
 * products of a release without a listing, rows written by hand, and names that a new release splits
 * differently. One process in the fleet does this at a time; two at once do no harm.
 */
export function reconcileListing(
  dependencies: ReconcileListingDependencies,
  signal: AbortSignal,
): Promise<void> {
  const repair = async (leading: AbortSignal) => {
    const products = await repairListing(dependencies, leading);
    if (products > 0) dependencies.log.info('listing_reconciled', { products });
  };
  return runAsLeader(dependencies, { name: 'product-listing', ttlMs: LOCK_TTL_MS }, repair, signal);
}

/** Checks every product once. Returns how many were listed wrongly and have been repaired. */
export async function repairListing(
  { database }: Pick<ReconcileListingDependencies, 'database'>,
  signal: AbortSignal,
): Promise<number> {
  let repaired = 0;
  let afterId: string | undefined;
  while (!signal.aborted) {
    const { ids, lastId } = await findWronglyListed(database, { afterId, count: COMPARED_MAX });
    for (let at = 0; at < ids.length && !signal.aborted; at += REPAIRED_MAX) {
      const chunk = ids.slice(at, at + REPAIRED_MAX);
      await relist(database, chunk);
      repaired += chunk.length;
    }
    if (lastId === undefined) break;
    afterId = lastId;
  }
  return repaired;
}

/** Reads products and stock again under their locks: they may have changed since they were compared. */
async function relist(database: Database, ids: readonly string[]): Promise<void> {
  await database.withTransaction({ name: 'mend_listing', rerunnable: true }, async (tx) => {
    const products = await lockProducts(tx, ids);
    const stocks = await lockStock(tx, ids);
    await replaceListing(
      tx,
      products.map((product) => ({ ...product, inStock: (stocks.get(product.id)?.quantity ?? 0) > 0 })),
    );
  });
}
