import type { Database } from '../platform/mysql/database.ts';
import { findListed, type ListingPosition, type ListingQuery } from './find-listed.ts';
import { findProductsOnSale, type ProductWithStock } from './product-sql.ts';
import { matchesName } from './search-words.ts';

/**
 * A page of the list, each product with price and stock as they are now. One that was taken off sale or sold out
 * between the two looks is left out, and so is one of which only two words together contain what was searched for, so that a
 * page may be short and still have a `next`.
 */
export async function listProducts(
  database: Pick<Database, 'readReplica'>,
  query: ListingQuery,
): Promise<{ products: ProductWithStock[]; next: ListingPosition | undefined }> {
  const { ids, next } = await findListed(database, query);
  const found = new Map(
    (await findProductsOnSale(database.readReplica, ids)).map((product) => [product.id, product]),
  );
  const products = ids
    .flatMap((id) => found.get(id) ?? [])
    .filter(({ name }) => matchesName(query.words, name));
  return { products: query.inStock ? products.filter(({ stock }) => stock > 0) : products, next };
}
