import type { Database } from '../platform/mysql/database.ts';
import { findListed, type ListingPosition, type ListingQuery } from './find-listed-sql.ts';
import { findProductsOnSale, type ProductWithStock } from './product-sql.ts';
import { matchesName } from './search-words.ts';

/**
 * Returns a page of the listing, with current prices and stock. It leaves out products taken off sale or sold
 * out between the two queries, and names that match only across a word boundary. A page may therefore be
 * short and still have a `next`.
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
