import type { Transaction } from '../platform/mysql/database.ts';
import { insertListing } from './listing-sql.ts';
import { insertProducts, type Product } from './product-sql.ts';
import { insertStock, insertStockEntries } from './stock-sql.ts';

export type NewProduct = Product & { readonly openingStock: number };

/** Inserts and lists products. Their opening stock is the first entry in each product's stock chain. */
export async function createProducts(tx: Transaction, products: readonly NewProduct[]): Promise<void> {
  if (products.length === 0) return;
  await insertProducts(tx, products);
  await insertStock(
    tx,
    products.map(({ id, openingStock }) => ({ productId: id, quantity: openingStock, version: 1 })),
  );
  await insertStockEntries(
    tx,
    products.map(({ id, openingStock, createdAt }) => ({
      productId: id,
      seq: 1,
      kind: 'OPENING',
      delta: openingStock,
      quantityAfter: openingStock,
      reason: 'opening stock',
      createdAt,
    })),
  );
  await insertListing(
    tx,
    products.map((product) => ({ ...product, version: 1, inStock: product.openingStock > 0 })),
  );
}
