import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import { changedValues } from '../operators/changed-values.ts';
import type { Database } from '../platform/mysql/database.ts';
import { updateListing } from './listing-sql.ts';
import { productFields } from './product-fields.ts';
import { findProduct, lockProducts, type ProductWithStock, updateProduct } from './product-sql.ts';
import type { Product, VersionedProduct } from './product-sql.ts';

export type EditedProduct = VersionedProduct & ProductWithStock;

export type EditProductResult =
  | { readonly code: 'edited'; readonly product: EditedProduct }
  | { readonly code: 'product_not_found' | 'precondition_failed' | 'sale_window_empty' };

export interface EditProductRequest {
  readonly fields: Omit<Product, 'createdAt' | 'saleFrom' | 'saleUntil'>;
  /** Null removes a bound; undefined leaves it as it is. */
  readonly saleFrom?: Date | null | undefined;
  readonly saleUntil?: Date | null | undefined;
  /** True if the admin has seen this version: no edit may overwrite another one unseen. */
  readonly hasSeen: (version: number) => boolean;
  readonly actor: Actor;
}

/** Replaces a product, except its stock, and raises its version. The same transaction updates the listing. */
export async function editProduct(
  { database, nowMs }: { database: Database; nowMs: () => number },
  { fields, hasSeen, actor, ...sale }: EditProductRequest,
): Promise<EditProductResult> {
  // Not rerunnable: a second run would find the version that the first one wrote.
  const options = { name: 'edit_product', rerunnable: false };
  return database.withTransaction<EditProductResult>(options, async (tx) => {
    const [before] = await lockProducts(tx, [fields.id]);
    if (before === undefined) return { code: 'product_not_found' };
    if (!hasSeen(before.version)) return { code: 'precondition_failed' };
    const saleFrom = boundOf(sale.saleFrom, before.saleFrom);
    const saleUntil = boundOf(sale.saleUntil, before.saleUntil);
    if (saleFrom !== undefined && saleUntil !== undefined && saleFrom >= saleUntil) {
      return { code: 'sale_window_empty' };
    }
    const version = before.version + 1;
    const after = { ...before, ...fields, saleFrom, saleUntil, version, updatedAt: new Date(nowMs()) };
    await updateProduct(tx, after);
    await updateListing(tx, before, after);
    await recordAction(tx, actor, {
      action: 'product_edited',
      target: { kind: 'product', id: fields.id },
      ...changedValues(productFields(before), productFields(after)),
    });
    const product = await findProduct(tx.read, fields.id);
    if (product === undefined) throw new Error('a product has no stock row');
    return { code: 'edited', product };
  });
}

function boundOf(given: Date | null | undefined, before: Date | undefined): Date | undefined {
  return given === undefined ? before : (given ?? undefined);
}
