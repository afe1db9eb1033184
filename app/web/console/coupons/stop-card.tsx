import { api } from '../../shared/api.ts';
import { DeedError } from '../parts/deed-error.tsx';
import { say } from '../parts/say.tsx';
import { useDeed } from '../parts/use-deed.ts';
import { saveCoupon, type VersionedCoupon } from './coupon.ts';
import { couponWords } from './words.ts';

/** Stops a coupon, or restores a stopped one. Both can be undone, so neither asks twice. */
export function StopCard({ coupon, version, onChanged }: VersionedCoupon & { onChanged: () => void }) {
  const words = couponWords.value;
  const isStopped = coupon.status === 'STOPPED';
  const deed = useDeed(coupon.status, async () => {
    if (isStopped) await saveCoupon(coupon.id, { ...version.fields, status: 'ACTIVE' }, version.tag);
    else await api.call('stopCoupon', { path: { couponId: coupon.id } });
    say('ok', isStopped ? words.restored : words.stopped);
    onChanged();
  });
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{isStopped ? words.statuses.stopped : words.stop}</h2>
      </div>
      <p class="small quiet">
        {isStopped ? words.restoreText : words.stopText(coupon.quantity - coupon.left)}
      </p>
      <DeedError error={deed.error} />
      <button
        type="button"
        class={isStopped ? 'plain' : 'danger'}
        aria-disabled={deed.isBusy}
        onClick={() => void deed.run()}
      >
        {isStopped ? words.doRestore : words.doStop}
      </button>
    </section>
  );
}
