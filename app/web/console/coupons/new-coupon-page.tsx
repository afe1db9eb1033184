import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { frameWords } from '../frame/words.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { Page } from '../parts/page.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { paths } from '../paths.ts';
import type { CouponFields } from './coupon.ts';
import { CouponFieldInputs } from './coupon-fields.tsx';
import { couponWords } from './words.ts';

const WEEK_MS = 7 * 24 * 3600 * 1000;
const MINUTE_MS = 60_000;

export function NewCouponPage() {
  const words = couponWords.value;
  const { route } = useLocation();
  const [fields, setFields] = useState(firstFields);
  const creation = useDeed(JSON.stringify(fields), (key) => {
    const { name, discount, minimumOrder, quantity, validFrom, validUntil } = fields;
    const body = { name, discount, minimumOrder, quantity, validFrom, validUntil };
    return api.call('createCoupon', { body, key });
  });
  const submit = async (): Promise<void> => {
    const created = await creation.run();
    if (created !== undefined) route(paths.coupon(created.id));
  };
  return (
    <Page title={words.create} above={{ href: paths.coupons, text: words.title }}>
      <form
        class="card pad narrow"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <CouponFieldInputs
          fields={fields}
          set={(name, value) => setFields((before) => ({ ...before, [name]: value }))}
          areTermsFixed={false}
          isReadOnly={false}
        />
        <DeedError error={creation.error} />
        <div class="row">
          <button type="submit" aria-disabled={creation.isBusy}>
            {creation.isBusy ? frameWords.value.saving : words.doCreate}
          </button>
          <a class="button plain" href={paths.coupons}>
            {frameWords.value.cancel}
          </a>
        </div>
      </form>
    </Page>
  );
}

/** A week from this minute. */
function firstFields(): CouponFields {
  const fromMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  return {
    name: '',
    discount: { kind: 'FIXED', amount: 5000 },
    minimumOrder: 0,
    quantity: 100,
    validFrom: new Date(fromMs).toISOString(),
    validUntil: new Date(fromMs + WEEK_MS).toISOString(),
    status: 'ACTIVE',
  };
}
