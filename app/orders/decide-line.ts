/**
 * Decides whether a customer may buy this many units of one product now. Pure. Carts and orders share this
 * rule, so a cart never shows as available what an order would reject. If several reasons apply, the first in
 * this table wins:
 *
 * | precedence | refusal                   | when                                                         |
 * |-----------:|---------------------------|--------------------------------------------------------------|
 * | 1          | `product_not_found`       | the product is unknown, has no stock row, or is not on sale  |
 * | 2          | `sale_not_open`           | it is before `saleFrom`, or at or after `saleUntil`          |
 * | 3          | `purchase_limit_exceeded` | the customer would hold more units of it than allowed        |
 * | 4          | `out_of_stock`            | fewer units are left                                         |
 */
export function decideLine(
  { product, available, held, at }: LineFacts,
  quantity: number,
): { readonly code: 'orderable' } | LineRefusal {
  if (product?.status !== 'ACTIVE' || available === undefined) return { code: 'product_not_found' };
  const { saleFrom, saleUntil } = product;
  if (saleFrom !== undefined && at < saleFrom) {
    return { code: 'sale_not_open', reason: 'not_started', saleFrom };
  }
  if (saleUntil !== undefined && at >= saleUntil) {
    return { code: 'sale_not_open', reason: 'ended', saleUntil };
  }
  const limit = product.purchaseLimit;
  if (limit !== undefined && held + quantity > limit) return { code: 'purchase_limit_exceeded', limit, held };
  if (quantity > available) return { code: 'out_of_stock', requested: quantity, available };
  return { code: 'orderable' };
}

/** The refusal codes, in order of precedence. */
export const lineRefusals = [
  'product_not_found',
  'sale_not_open',
  'purchase_limit_exceeded',
  'out_of_stock',
] as const;

export interface LineFacts {
  /** Undefined if the product is unknown. */
  readonly product: LineProduct | undefined;
  /** Units in stock; undefined if there is no stock row. */
  readonly available: number | undefined;
  /** Units in the customer's orders that are not cancelled. Read for limited products only, otherwise 0. */
  readonly held: number;
  /** The time of the order, by the database's clock. */
  readonly at: Date;
}

export interface LineProduct {
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Units that one customer may hold; undefined means no limit. */
  readonly purchaseLimit: number | undefined;
  /** The first moment at which it may be ordered; undefined means since ever. */
  readonly saleFrom?: Date | undefined;
  /** The first moment at which it may no longer be ordered; undefined means for good. */
  readonly saleUntil?: Date | undefined;
}

export type LineRefusal =
  | { readonly code: 'product_not_found' }
  | { readonly code: 'sale_not_open'; readonly reason: 'not_started'; readonly saleFrom: Date }
  | { readonly code: 'sale_not_open'; readonly reason: 'ended'; readonly saleUntil: Date }
  | { readonly code: 'purchase_limit_exceeded'; readonly limit: number; readonly held: number }
  | { readonly code: 'out_of_stock'; readonly requested: number; readonly available: number };
