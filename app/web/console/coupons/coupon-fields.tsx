import { frameWords } from '../frame/words.ts';
import { MomentInput } from '../parts/moment-input.tsx';
import type { CouponFields } from './coupon.ts';
import { couponWords } from './words.ts';

const AMOUNT_MAX_KRW = 1_000_000_000;
const QUANTITY_MAX = 10_000_000;

type Terms = Omit<CouponFields, 'status'>;

export interface CouponFieldsProps {
  readonly fields: Terms;
  readonly set: <Name extends 'name' | 'discount' | 'minimumOrder' | 'quantity' | 'validFrom' | 'validUntil'>(
    name: Name,
    value: CouponFields[Name],
  ) => void;
  /** Terms that customers rely on cannot change. */
  readonly areTermsFixed: boolean;
  readonly isReadOnly: boolean;
}

export function CouponFieldInputs({ fields, set, areTermsFixed, isReadOnly }: CouponFieldsProps) {
  const words = couponWords.value;
  const isFixed = areTermsFixed || isReadOnly;
  return (
    <>
      <label class="field">
        {words.name}
        <input
          name="name"
          required
          maxLength={100}
          readOnly={isReadOnly}
          value={fields.name}
          onInput={(event) => set('name', event.currentTarget.value)}
        />
      </label>
      <DiscountInputs
        discount={fields.discount}
        set={(discount) => set('discount', discount)}
        isFixed={isFixed}
      />
      <div class="pair">
        <NumberInput
          label={words.minimum}
          name="minimumOrder"
          min={0}
          max={AMOUNT_MAX_KRW}
          isReadOnly={isFixed}
          value={fields.minimumOrder}
          set={(value) => set('minimumOrder', value)}
        />
        <NumberInput
          label={words.quantity}
          name="quantity"
          min={1}
          max={QUANTITY_MAX}
          isReadOnly={isReadOnly}
          value={fields.quantity}
          set={(value) => set('quantity', value)}
        />
      </div>
      <div class="pair">
        <MomentInput
          label={words.validFrom}
          name="validFrom"
          isReadOnly={isFixed}
          value={fields.validFrom}
          isRequired
          set={(value) => set('validFrom', value ?? fields.validFrom)}
        />
        <MomentInput
          label={words.validUntil}
          name="validUntil"
          isReadOnly={isReadOnly}
          value={fields.validUntil}
          isRequired
          set={(value) => set('validUntil', value ?? fields.validUntil)}
        />
      </div>
      <span class="tiny quiet">
        {frameWords.value.localTime(Intl.DateTimeFormat().resolvedOptions().timeZone)}
      </span>
    </>
  );
}

interface DiscountProps {
  readonly discount: CouponFields['discount'];
  readonly set: (discount: CouponFields['discount']) => void;
  readonly isFixed: boolean;
}

function DiscountInputs({ discount, set, isFixed }: DiscountProps) {
  const words = couponWords.value;
  return (
    <div class="pair three">
      <label class="field">
        {words.kind}
        <select
          name="kind"
          disabled={isFixed}
          value={discount.kind}
          onChange={({ currentTarget: { value } }) =>
            set(
              value === 'FIXED'
                ? { kind: 'FIXED', amount: 1000 }
                : { kind: 'PERCENT', percent: 10, max: 10_000 },
            )
          }
        >
          {(['FIXED', 'PERCENT'] as const).map((kind) => (
            <option key={kind} value={kind}>
              {words.kinds[kind]}
            </option>
          ))}
        </select>
      </label>
      {discount.kind === 'FIXED' ? (
        <NumberInput
          label={words.amount}
          name="amount"
          min={1}
          max={AMOUNT_MAX_KRW}
          isReadOnly={isFixed}
          value={discount.amount}
          set={(amount) => set({ ...discount, amount })}
        />
      ) : (
        <>
          <NumberInput
            label={words.percent}
            name="percent"
            min={1}
            max={100}
            isReadOnly={isFixed}
            value={discount.percent}
            set={(percent) => set({ ...discount, percent })}
          />
          <NumberInput
            label={words.max}
            name="max"
            min={1}
            max={AMOUNT_MAX_KRW}
            isReadOnly={isFixed}
            value={discount.max}
            set={(max) => set({ ...discount, max })}
          />
        </>
      )}
    </div>
  );
}

interface NumberProps {
  readonly label: string;
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  readonly isReadOnly: boolean;
  readonly set: (value: number) => void;
}

function NumberInput({ label, name, min, max, value, isReadOnly, set }: NumberProps) {
  return (
    <label class="field">
      {label}
      <input
        class="num"
        type="number"
        required
        name={name}
        min={min}
        max={max}
        readOnly={isReadOnly}
        value={Number.isNaN(value) ? '' : value}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}
