import type { Facts } from './facts.ts';
import type { StoredOrder } from './final-state.ts';
import { nameOf, spanOf } from './operations.ts';
import type { Span } from './product-terms.ts';

const ANY_TIME: Span = { fromMs: -Infinity, toMs: Infinity };

/**
 * Span in which an order may have been placed. Unbounded for an order that no request explains; another rule
 * reports it.
 */
export function orderSpan(
  { operations }: Pick<Facts, 'operations'>,
  { userId, key }: Pick<StoredOrder, 'userId' | 'key'>,
): Span {
  const operation = operations.get(nameOf('order', userId, key));
  return operation === undefined ? ANY_TIME : spanOf(operation);
}
