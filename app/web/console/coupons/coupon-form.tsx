import type { ComponentChildren } from 'preact';
import type { RowlockProblem } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import { ConflictNotice } from '../parts/conflict-notice.tsx';
import { DeedError } from '../parts/deed-error.tsx';
import { SaveRow } from '../parts/save-row.tsx';
import { say } from '../parts/say.tsx';
import { useEditing } from '../parts/use-editing.ts';
import { may } from '../session/session-state.ts';
import {
  type AdminCoupon,
  type CouponFields,
  readCoupon,
  saveCoupon,
  type VersionedCoupon,
} from './coupon.ts';
import { CouponFieldInputs } from './coupon-fields.tsx';
import { discountText } from './coupon-state.tsx';
import { couponWords } from './words.ts';

/** Edits a coupon, as far as its terms may still change. */
export function CouponForm({ coupon, version, onSaved }: VersionedCoupon & { onSaved: () => void }) {
  const words = couponWords.value;
  const editing = useEditing<CouponFields>({
    current: version,
    save: (fields, tag) => saveCoupon(coupon.id, fields, tag),
    readAgain: async () => (await readCoupon(coupon.id)).version,
    onSaved: () => {
      say('ok', words.saved);
      onSaved();
    },
  });
  const areTermsFixed = coupon.left < coupon.quantity;
  return (
    <div class="stack">
      <ConflictNotice editing={editing} labels={labels()} show={show} />
      <form
        class="card pad"
        onSubmit={(event) => {
          event.preventDefault();
          void editing.save();
        }}
      >
        <div class="cap">
          <h2 class="h3">{words.edit}</h2>
        </div>
        {areTermsFixed && <p class="small quiet">{words.fixedTerms}</p>}
        <CouponFieldInputs
          fields={editing.draft}
          set={editing.set}
          areTermsFixed={areTermsFixed}
          isReadOnly={!may('operator')}
        />
        <DeedError error={editing.error} text={problemText} />
        {may('operator') && <SaveRow editing={editing} />}
      </form>
    </div>
  );
}

function labels(): Record<
  'name' | 'discount' | 'minimumOrder' | 'quantity' | 'validFrom' | 'validUntil' | 'status',
  string
> {
  const { name, discount, minimum, quantity, validFrom, validUntil, status } = couponWords.value;
  return { name, discount, minimumOrder: minimum, quantity, validFrom, validUntil, status };
}

function show(name: string, value: unknown): ComponentChildren {
  const words = couponWords.value;
  switch (name) {
    case 'discount':
      return discountText(value as AdminCoupon['discount']);
    case 'minimumOrder':
      return krw(value as number);
    case 'quantity':
      return count(value as number);
    case 'status':
      return words.stored[value as CouponFields['status']];
    default:
      return name === 'name' ? (value as string) : dateTime(value as string);
  }
}

function problemText({ code, problem }: RowlockProblem): string | undefined {
  const words = couponWords.value;
  if (code === 'coupon_not_found') return words.gone;
  if (code !== 'coupon_not_editable') return undefined;
  if (problem['reason'] === 'quantity_below_issued') return words.belowIssued(Number(problem['issued']));
  const named = labels() as Readonly<Record<string, string>>;
  const fields = Array.isArray(problem['fields']) ? (problem['fields'] as string[]) : [];
  return words.termsFixed(fields.map((field) => named[field] ?? field).join(', '));
}
