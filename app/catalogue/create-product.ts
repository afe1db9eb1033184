import type { Transaction } from '../platform/mysql/database.ts';
import { createProducts, type NewProduct } from './create-products.ts';
import type { ProductWithStock } from './product-sql.ts';

export interface CreateProductDependencies {
  readonly tx: Transaction;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export type CreateProductRequest = Omit<NewProduct, 'id' | 'status' | 'createdAt'>;

export interface CreateProductResult {
  readonly code: 'created';
  readonly product: ProductWithStock;
}

/** Puts a product on sale with its opening stock. */
export async function createProduct(
  { tx, newId, nowMs }: CreateProductDependencies,
  request: CreateProductRequest,
): Promise<CreateProductResult> {
  const product = { ...request, id: newId(), status: 'ACTIVE' as const, createdAt: new Date(nowMs()) };
  await createProducts(tx, [product]);
  return { code: 'created', product: { ...product, stock: request.openingStock } };
}
