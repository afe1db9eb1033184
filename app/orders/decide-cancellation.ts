/**
 * Decides whether a locked order may be cancelled. Pure. If several reasons apply, the first in this table
 * wins:
 *
 * | precedence | reason              | when                                                              |
 * |-----------:|---------------------|-------------------------------------------------------------------|
 * | 1          | `already_cancelled` | a request with another key has cancelled the order                |
 * | 2          | `window_over`       | a customer cancels at or after the window's end; admins still may |
 */
export function decideCancellation(
  order: { readonly status: 'COMPLETED' | 'CANCELLED'; readonly createdAt: Date },
  { by, at, windowMs }: { readonly by: 'customer' | 'admin'; readonly at: Date; readonly windowMs: number },
): { readonly code: 'cancellable' } | NotCancellable {
  if (order.status !== 'COMPLETED') return { code: 'order_not_cancellable', reason: 'already_cancelled' };
  const until = new Date(order.createdAt.getTime() + windowMs);
  if (by === 'customer' && at >= until) {
    return { code: 'order_not_cancellable', reason: 'window_over', cancellableUntil: until };
  }
  return { code: 'cancellable' };
}

export type NotCancellable = { readonly code: 'order_not_cancellable' } & (
  | { readonly reason: 'already_cancelled' }
  /** `cancellableUntil`: the first moment at which the customer may no longer cancel. */
  | { readonly reason: 'window_over'; readonly cancellableUntil: Date }
);
