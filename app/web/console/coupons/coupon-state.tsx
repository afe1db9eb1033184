import { type AdminCoupon, type CouponState, stateOf } from './coupon.ts';
import { couponWords } from './words.ts';

const tones: Readonly<Record<CouponState, string>> = {
  running: 'ok',
  planned: 'accent',
  gone: 'warn',
  over: '',
  stopped: 'bad',
};

export function CouponPill({ coupon }: { coupon: AdminCoupon }) {
  const state = stateOf(coupon, Date.now());
  return <span class={`pill ${tones[state]}`}>{couponWords.value.statuses[state]}</span>;
}

export function discountText(discount: AdminCoupon['discount']): string {
  const words = couponWords.value;
  return discount.kind === 'FIXED'
    ? words.fixed(discount.amount)
    : words.percentOff(discount.percent, discount.max);
}

/** How many are claimed, in figures and as a bar. */
export function ClaimedMeter({ coupon: { quantity, left } }: { coupon: AdminCoupon }) {
  const words = couponWords.value;
  return (
    <span class="claimed num">
      {words.claimedOf(quantity - left, quantity)}
      <progress max={quantity} value={quantity - left} aria-hidden="true" />
    </span>
  );
}
