import { useEffect, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso/router';
import { LiveChart } from '../chart/live-chart.tsx';
import { count } from '../../shared/format.ts';
import { type Loaded, useLoad } from '../../shared/use-load.ts';
import { ActionList } from '../operators/action-list.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { type AdminCoupon, readCoupon, type VersionedCoupon } from './coupon.ts';
import { CouponForm } from './coupon-form.tsx';
import { ClaimedMeter, CouponPill } from './coupon-state.tsx';
import { StopCard } from './stop-card.tsx';
import { couponWords } from './words.ts';

/** Half an hour of them. */
const SAMPLES_MAX = 900;
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
  return (
    <div class="columns">
      <CouponForm coupon={coupon} version={version} onSaved={loaded.reload} />
      <div class="stack">
        <ClaimsCard coupon={coupon} at={loaded.at} />
        {may('operator') && <StopCard coupon={coupon} version={version} onChanged={loaded.reload} />}
        <ActionList targetId={coupon.id} turn={version.tag} />
      </div>
    </div>
  );
}

/** How many are claimed, and their curve for as long as the page is open. */
function ClaimsCard({ coupon, at }: { coupon: AdminCoupon; at: number | undefined }) {
  const words = couponWords.value;
  const [curve, setCurve] = useState<readonly (readonly [atMs: number, claimed: number])[]>([]);
  const claimed = coupon.quantity - coupon.left;
  useEffect(() => {
    if (at !== undefined) setCurve((before) => [...before, [at, claimed] as const].slice(-SAMPLES_MAX));
  }, [at]);
  return (
    <section class="card pad">
      <h2 class="h3">{words.claimed}</h2>
      <b class="figure num">{count(claimed)}</b>
      <ClaimedMeter coupon={coupon} />
      <LiveChart
        label={words.claimedOf(claimed, coupon.quantity)}
        series={[{ name: words.curve, tone: 'clay', isFilled: true, isStepped: true }]}
        times={curve.map(([atMs]) => atMs / 1000)}
        values={[curve.map(([, value]) => value)]}
      />
      <span class="tiny quiet">{words.curveText}</span>
    </section>
  );
}
