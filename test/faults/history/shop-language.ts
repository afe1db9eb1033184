import type { OperationKind } from './history-line.ts';

/** Fields, codes and cases of a route, as in its document. */
interface Sentences {
  readonly method: 'post' | 'put' | 'delete' | 'get';
  readonly path: string;
  /** Fields of the body. */
  readonly fields: readonly string[];
  /** Problem codes, with the reason behind a colon where a code has several. */
  readonly codes: readonly string[];
  /** Cases of the route that no field or code shows; see shop-words.ts. */
  readonly cases?: readonly string[];
  /** A repeated request gets the original answer. */
  readonly isKeyed?: true;
}

/**
 * Routes that change the catalogue and its terms, with everything that a campaign must send to them and
 * receive from them. A unit test compares the table with the OpenAPI document. A campaign of 40 seeds fails
 * if an entry did not occur.
 */
export const shopLanguage: Readonly<Partial<Record<OperationKind, Sentences>>> = {
  order: {
    method: 'post',
    path: '/orders',
    isKeyed: true,
    fields: ['items', 'fromCart', 'userCouponId', 'expectedTotal'],
    codes: [
      'validation_failed',
      'idempotency_key_missing',
      'idempotency_key_reused',
      'product_not_found',
      'sale_not_open:not_started',
      'sale_not_open:ended',
      'cart_empty',
      'purchase_limit_exceeded',
      'out_of_stock',
      'coupon_not_usable:not_found',
      'coupon_not_usable:used',
      'coupon_not_usable:stopped',
      'coupon_not_usable:not_yet_valid',
      'coupon_not_usable:expired',
      'coupon_not_usable:below_minimum',
      'price_changed',
      'insufficient_balance',
    ],
    cases: [
      'two lines of one product',
      'expectedTotal right',
      'expectedTotal too low',
      'expectedTotal too high',
      'expectedTotal from the cart',
      'two orders from one cart at once',
      'in the first moments of a sale',
      'in the last moments of a sale',
      'key of another customer',
    ],
  },
  cancel: {
    method: 'post',
    path: '/orders/{orderId}/cancel',
    isKeyed: true,
    fields: [],
    codes: [
      'idempotency_key_missing',
      'idempotency_key_reused',
      'order_not_found',
      'order_not_cancellable:already_cancelled',
      'order_not_cancellable:window_over',
    ],
    cases: ['key of another cancellation', 'order of another customer'],
  },
  'admin-cancel': {
    method: 'post',
    path: '/admin/orders/{orderId}/cancel',
    isKeyed: true,
    fields: ['reason'],
    codes: [
      'validation_failed',
      'forbidden',
      'idempotency_key_missing',
      'idempotency_key_reused',
      'order_not_found',
      'order_not_cancellable:already_cancelled',
    ],
    cases: ['after the window'],
  },
  charge: {
    method: 'post',
    path: '/me/balance/charges',
    isKeyed: true,
    fields: ['amount'],
    codes: ['validation_failed', 'idempotency_key_missing', 'idempotency_key_reused'],
    cases: ['key of an order'],
  },
  'claim-coupon': {
    method: 'post',
    path: '/coupons/{couponId}/issue',
    fields: [],
    codes: [
      'coupon_not_found',
      'coupon_not_usable:stopped',
      'coupon_not_usable:not_yet_valid',
      'coupon_not_usable:expired',
      'coupon_already_issued',
      'coupon_sold_out',
    ],
  },
  'create-coupon': {
    method: 'post',
    path: '/admin/coupons',
    isKeyed: true,
    fields: ['name', 'discount', 'quantity', 'minimumOrder', 'validFrom', 'validUntil'],
    codes: ['validation_failed', 'forbidden', 'idempotency_key_reused'],
  },
  'edit-coupon': {
    method: 'put',
    path: '/admin/coupons/{couponId}',
    fields: ['name', 'discount', 'quantity', 'minimumOrder', 'validFrom', 'validUntil', 'status'],
    codes: [
      'validation_failed',
      'forbidden',
      'coupon_not_found',
      'coupon_not_editable:terms_fixed',
      'coupon_not_editable:quantity_below_issued',
      'precondition_failed',
      'precondition_required',
    ],
    cases: ['stopped', 'put back', 'a later end', 'two edits of one version'],
  },
  'stop-coupon': {
    method: 'post',
    path: '/admin/coupons/{couponId}/stop',
    fields: [],
    codes: ['forbidden', 'coupon_not_found'],
    cases: ['stopped twice'],
  },
  'create-product': {
    method: 'post',
    path: '/admin/products',
    isKeyed: true,
    fields: ['name', 'description', 'price', 'stock', 'purchaseLimit', 'saleFrom', 'saleUntil'],
    codes: ['validation_failed', 'forbidden', 'idempotency_key_reused'],
    cases: ['key of a coupon'],
  },
  'adjust-stock': {
    method: 'post',
    path: '/admin/products/{productId}/stock-adjustments',
    isKeyed: true,
    fields: ['delta', 'reason'],
    codes: ['validation_failed', 'forbidden', 'product_not_found', 'out_of_stock', 'idempotency_key_reused'],
    cases: ['units taken away', 'units added'],
  },
  'edit-product': {
    method: 'put',
    path: '/admin/products/{productId}',
    fields: ['name', 'price', 'status', 'purchaseLimit', 'saleFrom', 'saleUntil'],
    codes: [
      'validation_failed',
      'forbidden',
      'product_not_found',
      'sale_window_empty',
      'precondition_failed',
      'precondition_required',
    ],
    cases: ['taken off sale', 'without a limit', 'two edits of one version', 'a window', 'a bound left out'],
  },
  'add-cart-line': {
    method: 'post',
    path: '/cart/items',
    fields: ['productId', 'quantity'],
    codes: ['validation_failed', 'product_not_found', 'cart_quantity_limit', 'cart_line_limit'],
  },
  'set-cart-line': {
    method: 'put',
    path: '/cart/items/{productId}',
    fields: ['quantity'],
    codes: ['validation_failed', 'product_not_found', 'cart_line_limit'],
    cases: ['two devices at once'],
  },
  'remove-cart-line': { method: 'delete', path: '/cart/items/{productId}', fields: [], codes: [] },
  'clear-cart': { method: 'delete', path: '/cart', fields: [], codes: [] },
  'read-cart': { method: 'get', path: '/cart', fields: [], codes: [] },
};

/** Codes and cases left out of the table, each with the reason. */
export const unspoken: Readonly<Record<string, string>> = {
  'adjust-stock stock_too_large': 'the stock of a fault run stays far below the maximum',
  unauthenticated: 'any route; a session that Redis has lost',
  origin_not_allowed: 'any route; of cookies, and the clients here have tokens',
  idempotency_key_not_supported: 'the clients send keys only where they are taken',
  request_timeout: 'any route; of connections, not of the request',
  payload_too_large: 'any route; of bytes, which the fuzz run sends',
  unsupported_media_type: 'any route; of bytes, which the fuzz run sends',
  request_header_fields_too_large: 'any route; of bytes, which the fuzz run sends',
  rate_limited: 'any route; no limit is set in a run',
  internal_error: 'must not occur',
  busy_retry: 'an unknown outcome, counted as such',
  dependency_unavailable: 'an unknown outcome, counted as such',
  'edit-product description': 'says nothing that an order goes by',
  'stop-coupon validation_failed': 'no body; an id that is none is the fuzz run’s',
  'cancel validation_failed': 'no body; an id that is none is the fuzz run’s',
  'claim-coupon validation_failed': 'no body; an id that is none is the fuzz run’s',
  'remove-cart-line validation_failed': 'no body; an id that is none is the fuzz run’s',
  'clear-cart validation_failed': 'no body',
  'read-cart validation_failed': 'no body',
  'set-cart-line cart_quantity_limit': 'a quantity beyond it is not valid, and this route adds none',
};

/** Every word that a campaign must send or receive. */
export const wordsDue: readonly string[] = Object.entries(shopLanguage).flatMap(
  ([kind, { fields, codes, cases = [], isKeyed }]) =>
    [...fields, ...codes, ...cases, 'done', 'unknown', ...(isKeyed ? ['replayed'] : [])].map(
      (word) => `${kind} ${word}`,
    ),
);
