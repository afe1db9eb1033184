import { api } from '../../shared/api.ts';
import { dateTime, krw } from '../../shared/format.ts';
import { usePages } from '../../shared/use-pages.ts';
import type { Column } from '../parts/data-table.tsx';
import { ListView } from '../parts/list-view.tsx';
import { Page } from '../parts/page.tsx';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import type { AdminCoupon } from './coupon.ts';
import { ClaimedMeter, CouponPill, discountText } from './coupon-state.tsx';
import { couponWords } from './words.ts';

const LIMIT = 25;

export function CouponsPage() {
  const words = couponWords.value;
  const loaded = usePages('coupons', (cursor, signal) =>
    api.call('listAllCoupons', {
      query: { limit: LIMIT, ...(cursor !== undefined && { cursor }) },
      ...(signal && { signal }),
    }),
  );
  return (
    <Page
      title={words.title}
      at={loaded.at}
      actions={
        may('operator') && (
          <a class="button" href={paths.newCoupon}>
            {words.create}
          </a>
        )
      }
    >
      <ListView
        caption={words.title}
        loaded={loaded}
        columns={columns()}
        keyOf={({ id }) => id}
        empty={words.empty}
      />
    </Page>
  );
}

function columns(): Column<AdminCoupon>[] {
  const words = couponWords.value;
  return [
    { head: words.name, cell: ({ id, name }) => <a href={paths.coupon(id)}>{name}</a> },
    { head: words.status, cell: (coupon) => <CouponPill coupon={coupon} /> },
    { head: words.discount, isNumber: true, cell: ({ discount }) => discountText(discount) },
    {
      head: words.minimumShort,
      isNumber: true,
      cell: ({ minimumOrder }) =>
        minimumOrder === 0 ? <span class="quiet">{words.anyOrder}</span> : krw(minimumOrder),
    },
    { head: words.claimed, isNumber: true, cell: (coupon) => <ClaimedMeter coupon={coupon} /> },
    {
      head: words.validUntil,
      isNumber: true,
      cell: ({ validUntil }) => <span class="quiet">{dateTime(validUntil)}</span>,
    },
  ];
}
