import { useRoute } from 'preact-iso/router';
import { count } from '../../shared/format.ts';
import { type Loaded, useLoad } from '../../shared/use-load.ts';
import { ActionList } from '../operators/action-list.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { readCoupon, type VersionedCoupon } from './coupon.ts';
import { CouponForm } from './coupon-form.tsx';
import { ClaimedMeter, CouponPill } from './coupon-state.tsx';
import { StopCard } from './stop-card.tsx';
import { couponWords } from './words.ts';

/** Claims come by the second while a coupon is new. */
const EVERY_MS = 2000;

export function CouponPage() {
  const { id = '' } = useRoute().params;
  const loaded = useLoad(id, (signal) => readCoupon(id, signal), { everyMs: EVERY_MS });
  const words = couponWords.value;
  const coupon = loaded.data?.coupon;
  return (
    <Page
      title={coupon?.name ?? words.title}
      above={{ href: paths.coupons, text: words.title }}
      at={loaded.at}
      state={coupon && <CouponPill coupon={coupon} />}
    >
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {(read) => <Details key={id} read={read} loaded={loaded} />}
      </View>
    </Page>
  );
}

function Details({ read, loaded }: { read: VersionedCoupon; loaded: Loaded<VersionedCoupon> }) {
  const { coupon, version } = read;
  const words = couponWords.value;
  return (
    <div class="columns">
      <CouponForm coupon={coupon} version={version} onSaved={loaded.reload} />
      <div class="stack">
        <section class="card pad">
          <div class="cap">
            <h2 class="h3">{words.claimed}</h2>
          </div>
          <b class="figure num">{count(coupon.quantity - coupon.left)}</b>
          <ClaimedMeter coupon={coupon} />
        </section>
        {may('operator') && <StopCard coupon={coupon} version={version} onChanged={loaded.reload} />}
        <ActionList targetId={coupon.id} turn={version.tag} />
      </div>
    </div>
  );
}
