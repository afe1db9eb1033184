import { useEffect, useState } from 'preact/hooks';
import type { Answer } from '../../client/rowlock-client.ts';
import { api } from '../../shared/api.ts';
import { krw } from '../../shared/format.ts';
import { useLoad } from '../../shared/use-load.ts';
import type { Account } from '../account/account-state.ts';
import { balance, refreshBalance } from '../account/wallet-state.ts';
import { couponTerms } from '../coupons/coupon-terms.ts';
import { paths } from '../paths.ts';
import { words } from '../words/shop-words.ts';
import { discountOf } from './discount.ts';
import type { OrderBody } from './purchase.ts';
import { purchases } from './shop-purchases.ts';

type OwnCoupon = Answer<'listOwnCoupons'>['data'][number];

export interface CheckoutProps {
  readonly account: Account;
  readonly subtotal: number;
  /** What is bought. */
  readonly order: Pick<OrderBody, 'items' | 'fromCart'>;
  /** Address that shows the outcome after a reload. */
  readonly from: string;
  /** Why it cannot be paid yet. */
  readonly blockedBecause?: string | undefined;
}

/** Coupon, sum, balance and the button that pays exactly what it says. */
export function Checkout({ account, subtotal, order, from, blockedBecause }: CheckoutProps) {
  const said = words.value.checkout;
  const { step } = purchases.state.value;
  const coupons = useLoad(`coupons ${account.id}`, async (signal) => {
    const { data } = await api.call('listOwnCoupons', { query: { limit: 100 }, signal });
    return data.filter(({ status }) => status === 'ISSUED');
  });
  useEffect(() => void refreshBalance(), []);
  // A used coupon is gone from the list.
  useEffect(() => {
    if (step === 'ordered' || step === 'refused') coupons.reload();
  }, [step]);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const usable = coupons.data ?? [];
  const coupon = usable.find(({ id }) => id === chosen);
  const discount = discountOf(coupon, subtotal);
  const total = subtotal - discount;
  const funds = balance.value;
  const missing = funds === undefined ? 0 : Math.max(0, total - funds);
  const isUnderWay = step === 'sending' || step === 'checking';
  const isBlocked = blockedBecause !== undefined || missing > 0;
  const pay = (): void => {
    if (isBlocked || isUnderWay) return;
    const body = {
      ...order,
      expectedTotal: total,
      ...(coupon === undefined ? {} : { userCouponId: coupon.id }),
    } as OrderBody;
    void purchases.begin({ body, from, userId: account.id });
  };
  return (
    <div class="checkout">
      <CouponSelect coupons={usable} subtotal={subtotal} chosen={chosen} onChoose={setChosen} />
      <div class="sum num">
        <span class="quiet">{said.items}</span>
        <span>{krw(subtotal)}</span>
        {discount > 0 && (
          <>
            <span class="quiet">{said.coupon}</span>
            <span>{krw(-discount)}</span>
          </>
        )}
        <span class="quiet">{said.balance}</span>
        <span>{funds === undefined ? '–' : krw(funds)}</span>
        <b>{said.total}</b>
        <b>{krw(total)}</b>
      </div>
      {missing > 0 && (
        <div class="told bad" role="status">
          <b>{said.missing(krw(missing))}</b>
          <a href={paths.balance}>{said.charge}</a>
        </div>
      )}
      {blockedBecause !== undefined && <p class="told warn">{blockedBecause}</p>}
      <button type="button" aria-disabled={isBlocked || isUnderWay} onClick={pay}>
        {isUnderWay ? said.paying : said.pay(krw(total))}
      </button>
    </div>
  );
}

interface CouponSelectProps {
  readonly coupons: readonly OwnCoupon[];
  readonly subtotal: number;
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}

function CouponSelect({ coupons, subtotal, chosen, onChoose }: CouponSelectProps) {
  const said = words.value.checkout;
  if (coupons.length === 0) return null;
  return (
    <select
      aria-label={said.coupon}
      value={chosen ?? ''}
      onChange={(event) => onChoose(event.currentTarget.value || undefined)}
    >
      <option value="">{said.noCoupon}</option>
      {coupons.map((coupon) => (
        <option key={coupon.id} value={coupon.id} disabled={subtotal < coupon.minimumOrder}>
          {couponTerms(coupon)}
          {subtotal < coupon.minimumOrder && ` (${said.minimum(krw(coupon.minimumOrder))})`}
        </option>
      ))}
    </select>
  );
}
