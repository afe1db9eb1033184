/**
 * Whether a customer may buy this many units of one product now. Pure. Carts and orders both decide by it, so that a
 * cart never calls available what an order refuses. When several reasons apply, the first of this table counts:
 *
 * | precedence | refusal                   | when                                                      |
 * |-----------:|---------------------------|-----------------------------------------------------------|
 * | 1          | `product_not_found`       | the product is unknown, without stock row, or not on sale |
 * | 2          | `purchase_limit_exceeded` | the customer would hold more units of it than allowed     |
 * | 3          | `out_of_stock`            | fewer units are left                                      |
 */
export function decideLine(
  { product, available, held }: LineFacts,
  quantity: number,
): LineRefusal | undefined {
  if (product?.status !== 'ACTIVE' || available === undefined) return { code: 'product_not_found' };
  const limit = product.purchaseLimit;
  if (limit !== undefined && held + quantity > limit) return { code: 'purchase_limit_exceeded', limit, held };
  if (quantity > available) return { code: 'out_of_stock', requested: quantity, available };
  return undefined;
}

/** The refusal codes, in the order of their precedence. */
export const lineRefusals = ['product_not_found', 'purchase_limit_exceeded', 'out_of_stock'] as const;

export interface LineFacts {
  /** Undefined for an unknown product. */
  readonly product: LineProduct | undefined;
  /** Units in stock; undefined without a stock row. */
  readonly available: number | undefined;
  /** Units in the customer's orders that are not cancelled; read for limited products only, 0 otherwise. */
  readonly held: number;
}

export interface LineProduct {
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Units that one customer may hold; undefined is no limit. */
  readonly purchaseLimit: number | undefined;
}

export type LineRefusal =
  | { readonly code: 'product_not_found' }
  | { readonly code: 'purchase_limit_exceeded'; readonly limit: number; readonly held: number }
  | { readonly code: 'out_of_stock'; readonly requested: number; readonly available: number };
