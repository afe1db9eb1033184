import type { CouponBody, CouponFields, OperationKind, Requests } from '../history/history-line.ts';
import type { FaultShop } from './fault-shop.ts';
import type { Draw, Drawer } from './shop-draws.ts';
import type { Operation } from './operation.ts';
import { newWindow } from './sale-draws.ts';

/** Coupons as the last answers had them; they may be out of date. */
export type KnownCoupons = Map<string, KnownCoupon>;

export interface KnownCoupon extends CouponBody {
  readonly status: CouponFields['status'];
  readonly version: number;
  /** Units that are not issued. */
  readonly left: number;
}

/** An id that does not exist. */
export const UNKNOWN_ID = '01900000-0000-7000-8000-0000000000ff';
const UNKNOWN_PERCENT = 4;
const INVALID_PERCENT = 6;
const HOUR_MS = 3_600_000;

/** Requests of admins, except stock adjustments and product edits. */
export const adminRequests = {
  'create-product': (draw) => ({
    name: `New thing ${draw.between(1, 999)}`,
    description: draw.oneOf(['', 'As good as new.']),
    price: draw.percent(INVALID_PERCENT) ? -1 : draw.between(40, 400),
    stock: draw.between(1, 40),
    purchaseLimit: draw.percent(50) ? null : draw.between(2, 6),
    ...(draw.percent(50) && newWindow(draw)),
  }),
  'create-coupon': (draw, { shop: { openingMs } }) => {
    const fromMs = openingMs + draw.oneOf([-HOUR_MS, -HOUR_MS, -HOUR_MS, 3000, HOUR_MS]);
    // Whole seconds, as people write them.
    const [validFrom, validUntil] = [fromMs, openingMs + draw.oneOf([6000, 2 * HOUR_MS, 2 * HOUR_MS])].map(
      seconds,
    );
    return {
      name: 'New coupon',
      discount: someDiscount(draw),
      quantity: draw.percent(INVALID_PERCENT) ? 0 : draw.between(1, 12),
      minimumOrder: draw.oneOf([0, 0, 300]),
      validFrom: validFrom as string,
      validUntil: validUntil as string,
    };
  },
  'edit-coupon': (draw, { coupons }) => {
    const known = draw.oneOf([...coupons]);
    const stopped = [...coupons].filter(([, { status }]) => status === 'STOPPED');
    const [couponId, coupon] = stopped.length > 0 && draw.percent(40) ? draw.oneOf(stopped) : known;
    const { version, left, ...body } = coupon;
    const edited = editOf(draw, body, body.quantity - left);
    return {
      ...edited,
      couponId: draw.percent(UNKNOWN_PERCENT) ? UNKNOWN_ID : couponId,
      version: draw.percent(4) ? null : version,
    };
  },
  'stop-coupon': (draw, { coupons }) => ({
    couponId: draw.percent(UNKNOWN_PERCENT * 2) ? UNKNOWN_ID : draw.oneOf([...coupons.keys()]),
  }),
  'read-coupon': (draw, { coupons }) => ({ couponId: draw.oneOf([...coupons.keys()]) }),
  'admin-cancel': (draw, { everybodys: { orderIds } }) => {
    if (draw.percent(UNKNOWN_PERCENT)) return { orderId: UNKNOWN_ID, reason: 'unknown' };
    if (orderIds.length === 0) return undefined;
    // The customers' window is over for early orders, and many are already cancelled.
    const orderId = draw.percent(50) ? draw.oneOf(orderIds.slice(0, 20)) : draw.oneOf(orderIds);
    return { orderId, reason: draw.percent(INVALID_PERCENT) ? '' : draw.oneOf(['broken', 'lost']) };
  },
} satisfies { readonly [Kind in OperationKind]?: Draw<Kind> };

function seconds(wallMs: number): string {
  return new Date(wallMs - (wallMs % 1000)).toISOString();
}

function someDiscount(draw: Drawer): CouponBody['discount'] {
  return draw.percent(50)
    ? { kind: 'FIXED', amount: draw.between(10, 200) }
    : { kind: 'PERCENT', percent: draw.between(3, 40), max: draw.between(20, 300) };
}

/** Changes one field of the coupon; usually reactivates a stopped one. */
function editOf(
  draw: Drawer,
  coupon: CouponBody & Pick<CouponFields, 'status'>,
  issued: number,
): CouponBody & Pick<CouponFields, 'status'> {
  if (draw.percent(INVALID_PERCENT)) return { ...coupon, quantity: 0 };
  if (coupon.status === 'STOPPED' && draw.percent(80)) return { ...coupon, status: 'ACTIVE' };
  const { quantity, validUntil } = coupon;
  switch (draw.oneOf(['stop', 'more', 'fewer', 'later', 'discount', 'name'] as const)) {
    case 'stop':
      return { ...coupon, status: 'STOPPED' };
    case 'more':
      return { ...coupon, quantity: quantity + draw.between(1, 2) };
    case 'fewer':
      return { ...coupon, quantity: Math.max(1, draw.percent(50) ? issued - 1 : quantity - 1) };
    case 'later':
      return { ...coupon, validUntil: new Date(Date.parse(validUntil) + 1500).toISOString() };
    case 'discount':
      return { ...coupon, discount: someDiscount(draw) };
    case 'name':
      return { ...coupon, name: `Coupon ${draw.between(1, 999)}` };
  }
}

/** Coupons at the opening of the shop. */
export function firstCoupons({ before }: FaultShop): KnownCoupons {
  return new Map(
    before.coupons.map(({ couponId, name, quantity, issuedCount, terms }) => {
      const { kind, amountKrw, percent, minimumOrderKrw, validFromMs, validUntilMs } = terms;
      return [
        couponId,
        {
          name,
          quantity,
          left: quantity - issuedCount,
          discount:
            kind === 'FIXED'
              ? { kind, amount: amountKrw }
              : { kind, percent: percent as number, max: amountKrw },
          minimumOrder: minimumOrderKrw,
          validFrom: new Date(validFromMs).toISOString(),
          validUntil: new Date(validUntilMs).toISOString(),
          status: 'ACTIVE',
          version: 1,
        },
      ];
    }),
  );
}

/** Another request of the same kind; undefined if there is none. */
export function otherAdminRequest({
  kind,
  request,
}: Pick<Operation, 'kind' | 'request'>): Operation['request'] | undefined {
  switch (kind) {
    case 'create-product': {
      const product = request as Requests['create-product'];
      return { ...product, stock: product.stock + 1 };
    }
    case 'create-coupon':
    case 'edit-coupon': {
      const coupon = request as Requests['create-coupon'];
      return { ...coupon, quantity: coupon.quantity + 1 };
    }
    case 'admin-cancel':
      return { ...(request as Requests['admin-cancel']), reason: 'another reason' };
    default:
      return undefined;
  }
}
