import type {
  CouponBody,
  CouponFields,
  HistoryLine,
  InvokeLine,
  OperationKind,
  Requests,
} from './history-line.ts';

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
        count(invoke.kind, HAVE_REASONS.has(line.code) ? `${line.code}:${reason}` : line.code);
      }
    }
  }
  for (const [kind, word] of casesOf(lines)) count(kind, word);
  return counts;
}

const HAVE_REASONS: ReadonlySet<string> = new Set([
  'sale_not_open',
  'coupon_not_usable',
  'coupon_not_editable',
  'order_not_cancellable',
]);

function fieldsOf({ kind, request }: InvokeLine): string[] {
  const names = Object.keys(request);
  return kind === 'edit-product' ? names.map((name) => (name === 'priceKrw' ? 'price' : name)) : names;
}

type Case = readonly [OperationKind, string];

/** Answers, by the number of their attempt. */
type Ends = ReadonlyMap<number, HistoryLine>;

function casesOf(lines: readonly HistoryLine[]): Case[] {
  const invokes = lines.filter((line): line is InvokeLine => line.type === 'invoke');
  const ends: Ends = new Map(
    lines.flatMap((line) => ('op' in line && line.type !== 'invoke' ? [[line.op, line]] : [])),
  );
  const byUserKey = Map.groupBy(invokes, ({ user, key }) => `${user} ${key}`);
  const byKey = Map.groupBy(invokes, ({ key }) => key);
  const orders = new Map(
    invokes.flatMap(({ kind, op, user }) => {
      const end = kind === 'order' ? ends.get(op) : undefined;
      if (end?.type !== 'ok') return [];
      const { id, createdAt } = end.response as { readonly id: string; readonly createdAt: string };
      return [[id, { user, createdAtMs: Date.parse(createdAt) }] as const];
    }),
  );
  const windowMs = lines[0]?.type === 'begin' ? lines[0].shop.cancelWindowMs : Infinity;
  const overlaps = overlapsOf(invokes, (op) => ends.get(op)?.atMs ?? Infinity);
  const seen = couponsSeen(invokes, ends);
  const edges = edgeCasesOf(invokes, ends);
  return invokes.flatMap((invoke): Case[] => {
    const { kind, user, key } = invoke;
    const sameKey = byUserKey.get(`${user} ${key}`) ?? [];
    switch (kind) {
      case 'order':
        return [
          ...orderCases(invoke.request, ends.get(invoke.op)),
          ...edges(invoke.request, ends.get(invoke.op)),
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
        const owner = orders.get(orderId)?.user;
        return [
          ...(sameKey.some(isOther) ? [[kind, 'key of another cancellation'] as const] : []),
          ...(owner !== undefined && owner !== user ? [[kind, 'order of another customer'] as const] : []),
        ];
      }
      case 'charge':
        return sameKey.some((other) => other.kind === 'order') ? [[kind, 'key of an order']] : [];
      case 'adjust-stock':
        return [[kind, invoke.request.delta < 0 ? 'units taken away' : 'units added']];
      case 'admin-cancel': {
        const end = ends.get(invoke.op);
        const { createdAtMs } = orders.get(invoke.request.orderId) ?? {};
        if (end?.type !== 'ok' || createdAtMs === undefined) return [];
        const { cancelledAt } = end.response as { readonly cancelledAt: string };
        return Date.parse(cancelledAt) >= createdAtMs + windowMs ? [[kind, 'after the window']] : [];
      }
      case 'create-product':
        return sameKey.some((other) => other.kind === 'create-coupon') ? [[kind, 'key of a coupon']] : [];
      case 'edit-product':
        return editCases(invoke, overlaps(invoke));
      case 'edit-coupon':
        return couponEditCases(invoke, { others: overlaps(invoke), end: ends.get(invoke.op), seen });
      case 'stop-coupon': {
        const end = ends.get(invoke.op);
        if (end?.type !== 'ok') return [];
        return seen(invoke.request.couponId, end.version)?.op === invoke.op ? [] : [[kind, 'stopped twice']];
      }
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

/** Time after the start and before the end of a sale that counts as its edge. */
const EDGE_MS = 200;

interface SoldAnswer {
  readonly id: string;
  readonly saleFrom: string | null;
  readonly saleUntil: string | null;
}

/** Cases of orders that were accepted near an edge of a sale that any answer about their product stated. */
function edgeCasesOf(
  invokes: readonly InvokeLine[],
  ends: Ends,
): (request: Requests['order'], end: HistoryLine | undefined) => Case[] {
  const products = invokes.flatMap(({ op, kind }) => {
    const end = kind.endsWith('-product') ? ends.get(op) : undefined;
    return end?.type === 'ok' ? [end.response as SoldAnswer] : [];
  });
  const byProduct = Map.groupBy(products, ({ id }) => id);
  const within = (ms: number) => ms >= 0 && ms < EDGE_MS;
  return ({ items = [] }, end) => {
    if (end?.type !== 'ok') return [];
    const atMs = Date.parse((end.response as { readonly createdAt: string }).createdAt);
    const sales = items.flatMap(({ productId }) => byProduct.get(productId) ?? []);
    const cases: Case[] = [];
    if (sales.some(({ saleFrom }) => saleFrom !== null && within(atMs - Date.parse(saleFrom)))) {
      cases.push(['order', 'in the first moments of a sale']);
    }
    if (sales.some(({ saleUntil }) => saleUntil !== null && within(Date.parse(saleUntil) - atMs - 1))) {
      cases.push(['order', 'in the last moments of a sale']);
    }
    return cases;
  };
}

function editCases({ kind, request }: InvokeLine, others: readonly InvokeLine[]): Case[] {
  const { productId, version, status, purchaseLimit, saleFrom, saleUntil } =
    request as Requests['edit-product'];
  const isRival = (other: InvokeLine) => {
    const edit = other.request as Requests['edit-product'];
    return other.kind === kind && edit.productId === productId && edit.version === version;
  };
  return [
    ...(status === 'INACTIVE' ? [[kind, 'taken off sale'] as const] : []),
    ...(purchaseLimit === null ? [[kind, 'without a limit'] as const] : []),
    ...(typeof saleFrom === 'string' || typeof saleUntil === 'string' ? [[kind, 'a window'] as const] : []),
    ...(saleFrom === undefined || saleUntil === undefined ? [[kind, 'a bound left out'] as const] : []),
    ...(others.some(isRival) ? [[kind, 'two edits of one version'] as const] : []),
  ];
}

/** The first attempt whose answer had this version of a coupon. */
type CouponSeen = (
  couponId: string,
  version: number | undefined,
) => { readonly op: number; readonly coupon: CouponBody & Pick<CouponFields, 'status'> } | undefined;

function couponsSeen(invokes: readonly InvokeLine[], ends: Ends): CouponSeen {
  const coupons = new Map<string, NonNullable<ReturnType<CouponSeen>>>();
  for (const { op, kind, request } of invokes) {
    const end = ends.get(op);
    if (end?.type !== 'ok' || !kind.endsWith('-coupon') || end.version === undefined) continue;
    const coupon = end.response as CouponBody & Pick<CouponFields, 'status'> & { readonly id: string };
    const { couponId = coupon.id } = request as { readonly couponId?: string };
    const name = `${couponId} ${end.version}`;
    if (!coupons.has(name)) coupons.set(name, { op, coupon });
  }
  return (couponId, version) => coupons.get(`${couponId} ${version}`);
}

function couponEditCases(
  { kind, request }: InvokeLine,
  { others, end, seen }: { others: readonly InvokeLine[]; end: HistoryLine | undefined; seen: CouponSeen },
): Case[] {
  const { couponId, version, status, validUntil } = request as Requests['edit-coupon'];
  const isRival = (other: InvokeLine) => {
    const edit = other.request as Requests['edit-coupon'];
    return other.kind === kind && edit.couponId === couponId && edit.version === version;
  };
  const cases: Case[] = others.some(isRival) ? [[kind, 'two edits of one version']] : [];
  const before = version === null ? undefined : seen(couponId, version)?.coupon;
  if (end?.type !== 'ok' || before === undefined) return cases;
  if (status === 'STOPPED' && before.status === 'ACTIVE') cases.push([kind, 'stopped']);
  if (status === 'ACTIVE' && before.status === 'STOPPED') cases.push([kind, 'put back']);
  if (Date.parse(validUntil) > Date.parse(before.validUntil)) cases.push([kind, 'a later end']);
  return cases;
}

/** Other attempts of the same user that were in progress at the same time. */
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
