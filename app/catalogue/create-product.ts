import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { Transaction } from '../platform/mysql/database.ts';
import { createProducts, type NewProduct } from './create-products.ts';
import { productFields } from './product-fields.ts';
import type { ProductWithStock } from './product-sql.ts';

export interface CreateProductDependencies {
  readonly tx: Transaction;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly actor: Actor;
}

export type CreateProductRequest = Omit<NewProduct, 'id' | 'status' | 'createdAt'>;

export interface CreateProductResult {
  readonly code: 'created';
  readonly product: ProductWithStock;
}

/** Puts a product on sale with its opening stock. */
export async function createProduct(
  { tx, newId, nowMs, actor }: CreateProductDependencies,
  request: CreateProductRequest,
): Promise<CreateProductResult> {
  const product = { ...request, id: newId(), status: 'ACTIVE' as const, createdAt: new Date(nowMs()) };
  await createProducts(tx, [product]);
  await recordAction(tx, actor, {
    action: 'product_created',
    target: { kind: 'product', id: product.id },
    after: { ...productFields(product), stock: request.openingStock },
  });
  return { code: 'created', product: { ...product, stock: request.openingStock } };
}
