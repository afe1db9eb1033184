import type { BeginLine, Requests } from '../history/history-line.ts';
import type { FinalState } from './final-state.ts';
import { nameOf } from './operations.ts';

interface Sources {
  readonly begin: BeginLine;
  readonly state: FinalState;
}

/** A product or coupon created during the history. */
export interface CreatedThing {
  readonly kind: 'create-product' | 'create-coupon';
  readonly id: string;
  /**
   * Name of the operation whose stored reply has its id; a name that no operation has if there is no such
   * reply.
   */
  readonly operation: string;
  /** Opening stock of a product, in units. */
  readonly openingStock: number | undefined;
}

const OPERATIONS = {
  'create-product': 'POST /admin/products',
  'create-coupon': 'POST /admin/coupons',
} as const;

export function createdThings({ begin, state }: Sources): CreatedThing[] {
  const openings = new Map(
    state.stockEntries.flatMap(({ kind, productId, delta }) =>
      kind === 'OPENING' ? [[productId, delta] as const] : [],
    ),
  );
  const begun = new Set([
    ...begin.shop.products.map(({ productId }) => productId),
    ...begin.shop.coupons.map(({ couponId }) => couponId),
  ]);
  const found = (kind: CreatedThing['kind'], ids: readonly string[]): CreatedThing[] =>
    ids
      .filter((id) => !begun.has(id))
      .map((id) => {
        const reply = state.replies.find(
          ({ createdId, operation }) => createdId === id && operation === OPERATIONS[kind],
        );
        const operation = nameOf(kind, reply?.userId ?? '(nobody)', reply?.key ?? id);
        return { kind, id, operation, openingStock: openings.get(id) };
      });
  return [
    ...found(
      'create-product',
      state.products.map(({ productId }) => productId),
    ),
    ...found(
      'create-coupon',
      state.coupons.map(({ couponId }) => couponId),
    ),
  ];
}

/**
 * True if the request fits. `edits-follow` and `coupon-edits-follow` check all other fields with the first
 * version.
 */
export function isAskedFor({ kind, openingStock }: CreatedThing, request: unknown): boolean {
  return kind === 'create-coupon' || (request as Requests['create-product']).stock === openingStock;
}
