import { findProductsOnSale } from '../catalogue/product-sql.ts';
import type { Database } from '../platform/mysql/database.ts';
import { listTopSellers } from '../statistics/statistics-sql.ts';
import { POPULAR_MAX, type PopularList, type PopularProduct } from './popular-list.ts';
import { popularWindow } from './popular-window.ts';

/** Rows per query. The ranking skips inactive products, so more rows than places are read. */
const RANKING_PAGE = 100;
const RANKING_PAGES_MAX = 10;

/** Builds the list in one query, or more if most best sellers are off sale. Throws OperationalError. */
export async function rankProducts(database: Database, generatedAtMs: number): Promise<PopularList> {
  const window = popularWindow(generatedAtMs);
  const data: PopularProduct[] = [];
  for (let page = 0; page < RANKING_PAGES_MAX; page += 1) {
    const sellers = await listTopSellers(database, {
      ...window.hours,
      limit: RANKING_PAGE,
      offset: page * RANKING_PAGE,
    });
    const onSale = await findProductsOnSale(
      database.readReplica,
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
