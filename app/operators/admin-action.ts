/** Everything that an admin can change, as the trail names it. Stable, because clients filter by it. */
export const adminActionNames = [
  'product_created',
  'product_edited',
  'stock_adjusted',
  'image_announced',
  'image_removed',
  'coupon_created',
  'coupon_edited',
  'coupon_stopped',
  'order_cancelled',
  'balance_adjusted',
  'events_redriven',
  'demo_sale_started',
  'demo_sale_stopped',
  'operator_created',
  'operator_invited',
  'operator_joined',
  'operator_changed',
] as const;

export type AdminActionName = (typeof adminActionNames)[number];

/** What an action changed; the kind says what the id is one of. */
export const actionTargetKinds = [
  'product',
  'image',
  'coupon',
  'order',
  'customer',
  'events',
  'operator',
  'demo_sale',
] as const;

export interface ActionTarget {
  readonly kind: (typeof actionTargetKinds)[number];
  /** Undefined where the target has no id. */
  readonly id: string | undefined;
}

/** The admin who acts, and the request by which they do. */
export interface Actor {
  /** Undefined for the command line. */
  readonly adminId: string | undefined;
  readonly requestId: string;
}

export interface AdminAction {
  readonly action: AdminActionName;
  readonly target: ActionTarget;
  /** The values that the action changed, before and after it, as the API shows them. */
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  readonly reason?: string | undefined;
}

export function actorOf(caller: { readonly userId: string }, requestId: string): Actor {
  return { adminId: caller.userId, requestId };
}
