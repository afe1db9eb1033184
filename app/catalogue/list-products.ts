import type { Database } from '../platform/mysql/database.ts';
import { findListed, type ListingPosition, type ListingQuery } from './find-listed-sql.ts';
import {
  findProductsOnSale,
  findVersionedProducts,
  type ProductWithStock,
  type VersionedProduct,
} from './product-sql.ts';
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

/**
 * Products whose name has every word, on sale or not, newest first. Like a page of the listing, this one may
 * be short and still have a `next`. Reads from the writer: an admin finds what they have just created.
 */
export async function searchAllProducts(
  { read }: Pick<Database, 'read'>,
  { words, beforeId, limit }: { words: readonly string[]; beforeId: string | undefined; limit: number },
): Promise<{ products: (VersionedProduct & ProductWithStock)[]; next: ListingPosition | undefined }> {
  const { ids, next } = await findListed(
    { readReplica: read },
    {
      sort: 'newest',
      words,
      price: { min: undefined, max: undefined },
      inStock: false,
      isForAdmins: true,
      after: beforeId === undefined ? undefined : { key: undefined, id: beforeId },
      limit,
    },
  );
  const products = await findVersionedProducts(read, ids);
  return { products: products.filter(({ name }) => matchesName(words, name)), next };
}
