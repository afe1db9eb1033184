import type { HistoryLine, InvokeLine, OperationKind, Requests } from './history-line.ts';

/** What can be asked of a route and what it can say, as its document has it. */
interface Sentences {
  readonly method: 'post' | 'put' | 'delete' | 'get';
  readonly path: string;
  /** Of the body. */
  readonly fields: readonly string[];
  /** Problem codes, with the reason behind a colon where a code has several. */
  readonly codes: readonly string[];
  /** Things that a customer does with it which no field or code shows; see `casesOf`. */
  readonly cases?: readonly string[];
  /** A repeated request is answered with what was answered then. */
  readonly isKeyed?: true;
}

/**
 * The routes that change what is sold and to whom, with everything that a campaign has to say to them and hear from them.
 * A unit test compares it with the OpenAPI document; a campaign of 40 seeds in which something has not occurred fails.
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
      'cart_empty',
      'purchase_limit_exceeded',
      'out_of_stock',
      'coupon_not_usable:not_found',
      'coupon_not_usable:used',
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
      'key of another customer',
    ],
  },
  cancel: {
    method: 'post',
    path: '/orders/{orderId}/cancel',
    isKeyed: true,
    fields: [],
    codes: ['idempotency_key_missing', 'idempotency_key_reused', 'order_not_found', 'order_not_cancellable'],
    cases: ['key of another cancellation', 'order of another customer'],
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
      'coupon_not_usable:not_yet_valid',
      'coupon_not_usable:expired',
      'coupon_already_issued',
      'coupon_sold_out',
    ],
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
    fields: ['name', 'price', 'status', 'purchaseLimit'],
    codes: [
      'validation_failed',
      'forbidden',
      'product_not_found',
      'precondition_failed',
      'precondition_required',
    ],
    cases: ['taken off sale', 'without a limit', 'two edits of one version'],
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

/** What is left out of the table, and why. */
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
  'cancel validation_failed': 'no body; an id that is none is the fuzz run’s',
  'claim-coupon validation_failed': 'no body; an id that is none is the fuzz run’s',
  'remove-cart-line validation_failed': 'no body; an id that is none is the fuzz run’s',
  'clear-cart validation_failed': 'no body',
  'read-cart validation_failed': 'no body',
  'set-cart-line cart_quantity_limit': 'a quantity beyond it is not valid, and this route adds none',
};

/** Every word that a campaign has to use or hear. */
export const wordsDue: readonly string[] = Object.entries(shopLanguage).flatMap(
  ([kind, { fields, codes, cases = [], isKeyed }]) =>
    [...fields, ...codes, ...cases, 'done', 'unknown', ...(isKeyed ? ['replayed'] : [])].map(
      (word) => `${kind} ${word}`,
    ),
);

/** How often each word occurs in a history; words that are not due are counted as well. */
export function wordsOf(lines: readonly HistoryLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (kind: OperationKind, word: string): void => {
    const name = `${kind} ${word}`;
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const asked = new Map<number, InvokeLine>();
  for (const line of lines) {
    if (line.type === 'invoke') {
      asked.set(line.op, line);
      for (const field of fieldsOf(line)) count(line.kind, field);
    } else if (line.type === 'ok' || line.type === 'fail' || line.type === 'unknown') {
      const invoke = asked.get(line.op);
      if (invoke === undefined) continue;
      if (line.type === 'unknown') count(invoke.kind, 'unknown');
      if (line.type === 'ok') count(invoke.kind, line.replayed ? 'replayed' : 'done');
      if (line.type === 'fail') {
        const { reason } = (line.response ?? {}) as { readonly reason?: string };
        count(invoke.kind, line.code === 'coupon_not_usable' ? `${line.code}:${reason}` : line.code);
      }
    }
  }
  for (const [kind, word] of casesOf(lines)) count(kind, word);
  return counts;
}

function fieldsOf({ kind, request }: InvokeLine): string[] {
  const names = Object.keys(request);
  return kind === 'edit-product' ? names.map((name) => (name === 'priceKrw' ? 'price' : name)) : names;
}

type Case = readonly [OperationKind, string];

function casesOf(lines: readonly HistoryLine[]): Case[] {
  const invokes = lines.filter((line): line is InvokeLine => line.type === 'invoke');
  const ends = new Map(
    lines.flatMap((line) => ('op' in line && line.type !== 'invoke' ? [[line.op, line]] : [])),
  );
  const byUserKey = Map.groupBy(invokes, ({ user, key }) => `${user} ${key}`);
  const byKey = Map.groupBy(invokes, ({ key }) => key);
  const owners = new Map(
    lines.flatMap((line) => {
      const id = line.type === 'ok' ? (line.response as { id?: string } | null)?.id : undefined;
      const invoke = invokes.find(({ op }) => line.type === 'ok' && op === line.op);
      return id !== undefined && invoke?.kind === 'order' ? [[id, invoke.user] as const] : [];
    }),
  );
  const overlaps = overlapsOf(invokes, (op) => ends.get(op)?.atMs ?? Infinity);
  return invokes.flatMap((invoke): Case[] => {
    const { kind, user, key } = invoke;
    const sameKey = byUserKey.get(`${user} ${key}`) ?? [];
    switch (kind) {
      case 'order':
        return [
          ...orderCases(invoke.request, ends.get(invoke.op)),
          ...((byKey.get(key) ?? []).some((other) => other.user !== user)
            ? [[kind, 'key of another customer'] as const]
            : []),
          ...(isFromCart(invoke) && overlaps(invoke).some((other) => isFromCart(other) && other.key !== key)
            ? [[kind, 'two orders from one cart at once'] as const]
            : []),
        ];
      case 'cancel': {
        const { orderId } = invoke.request;
        const isOther = (other: InvokeLine) => other.kind === 'cancel' && other.request.orderId !== orderId;
        const owner = owners.get(orderId);
        return [
          ...(sameKey.some(isOther) ? [[kind, 'key of another cancellation'] as const] : []),
          ...(owner !== undefined && owner !== user ? [[kind, 'order of another customer'] as const] : []),
        ];
      }
      case 'charge':
        return sameKey.some((other) => other.kind === 'order') ? [[kind, 'key of an order']] : [];
      case 'adjust-stock':
        return [[kind, invoke.request.delta < 0 ? 'units taken away' : 'units added']];
      case 'edit-product':
        return editCases(invoke, overlaps(invoke));
      case 'set-cart-line':
        return overlaps(invoke).some((other) => other.kind.endsWith('cart-line'))
          ? [[kind, 'two devices at once']]
          : [];
      default:
        return [];
    }
  });
}

function isFromCart({ kind, request }: InvokeLine): boolean {
  return kind === 'order' && request.fromCart === true;
}

function orderCases({ items, expectedTotal }: Requests['order'], end: HistoryLine | undefined): Case[] {
  const cases: Case[] = [];
  if (items && new Set(items.map(({ productId }) => productId)).size < items.length) {
    cases.push(['order', 'two lines of one product']);
  }
  if (expectedTotal === undefined) return cases;
  if (items === undefined) cases.push(['order', 'expectedTotal from the cart']);
  if (end?.type === 'ok') cases.push(['order', 'expectedTotal right']);
  if (end?.type === 'fail' && end.code === 'price_changed') {
    const { total } = end.response as { readonly total: number };
    cases.push(['order', expectedTotal < total ? 'expectedTotal too low' : 'expectedTotal too high']);
  }
  return cases;
}

function editCases({ kind, request }: InvokeLine, others: readonly InvokeLine[]): Case[] {
  const { productId, version, status, purchaseLimit } = request as Requests['edit-product'];
  const isRival = (other: InvokeLine) => {
    const edit = other.request as Requests['edit-product'];
    return other.kind === kind && edit.productId === productId && edit.version === version;
  };
  return [
    ...(status === 'INACTIVE' ? [[kind, 'taken off sale'] as const] : []),
    ...(purchaseLimit === null ? [[kind, 'without a limit'] as const] : []),
    ...(others.some(isRival) ? [[kind, 'two edits of one version'] as const] : []),
  ];
}

/** Other attempts of the same user that were under way at the same time. */
function overlapsOf(
  invokes: readonly InvokeLine[],
  endOf: (op: number) => number,
): (invoke: InvokeLine) => readonly InvokeLine[] {
  const byUser = Map.groupBy(invokes, ({ user }) => user);
  return (invoke) =>
    (byUser.get(invoke.user) ?? []).filter(
      (other) => other !== invoke && other.atMs < endOf(invoke.op) && invoke.atMs < endOf(other.op),
    );
}
