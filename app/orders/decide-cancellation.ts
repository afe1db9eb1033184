/**
 * Whether a locked order may be cancelled. Pure. When several reasons speak against it, the first of this table counts:
 *
 * | precedence | reason              | when                                                               |
 * |-----------:|---------------------|--------------------------------------------------------------------|
 * | 1          | `already_cancelled` | the order has been cancelled, by a request with another key        |
 * | 2          | `window_over`       | a customer asks at or after the end of the window; admins may then |
 */
export function decideCancellation(
  order: { readonly status: 'COMPLETED' | 'CANCELLED'; readonly createdAt: Date },
  { by, at, windowMs }: { readonly by: 'customer' | 'admin'; readonly at: Date; readonly windowMs: number },
): CancellationRefusal | undefined {
  if (order.status !== 'COMPLETED') return { reason: 'already_cancelled' };
  const until = new Date(order.createdAt.getTime() + windowMs);
  if (by === 'customer' && at >= until) return { reason: 'window_over', cancellableUntil: until };
  return undefined;
}

export type CancellationRefusal =
  | { readonly reason: 'already_cancelled' }
  /** `cancellableUntil`: the first moment at which the customer no longer may. */
  | { readonly reason: 'window_over'; readonly cancellableUntil: Date };
