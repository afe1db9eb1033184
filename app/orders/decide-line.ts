/**
 * Decides whether a customer may buy this many units of one product now. Pure. Carts and orders share this
 * rule, so a cart never shows as available what an order would reject. If several reasons apply, the first in
 * this table wins:
 *
 * | precedence | refusal                   | when                                                         |
 * |-----------:|---------------------------|--------------------------------------------------------------|
 * | 1          | `product_not_found`       | the product is unknown, has no stock row, or is not on sale  |
 * | 2          | `purchase_limit_exceeded` | the customer would hold more units of it than allowed        |
 * | 3          | `out_of_stock`            | fewer units are left                                         |
 */
export function decideLine(
  { product, available, held }: LineFacts,
  quantity: number,
): { readonly code: 'orderable' } | LineRefusal {
  if (product?.status !== 'ACTIVE' || available === undefined) return { code: 'product_not_found' };
  const limit = product.purchaseLimit;
  if (limit !== undefined && held + quantity > limit) return { code: 'purchase_limit_exceeded', limit, held };
  if (quantity > available) return { code: 'out_of_stock', requested: quantity, available };
  return { code: 'orderable' };
}

/** The refusal codes, in order of precedence. */
export const lineRefusals = ['product_not_found', 'purchase_limit_exceeded', 'out_of_stock'] as const;

export interface LineFacts {
  /** Undefined if the product is unknown. */
  readonly product: LineProduct | undefined;
  /** Units in stock; undefined if there is no stock row. */
  readonly available: number | undefined;
  /** Units in the customer's orders that are not cancelled. Read for limited products only, otherwise 0. */
  readonly held: number;
}

export interface LineProduct {
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Units that one customer may hold; undefined means no limit. */
  readonly purchaseLimit: number | undefined;
}

export type LineRefusal =
  | { readonly code: 'product_not_found' }
  | { readonly code: 'purchase_limit_exceeded'; readonly limit: number; readonly held: number }
  | { readonly code: 'out_of_stock'; readonly requested: number; readonly available: number };
