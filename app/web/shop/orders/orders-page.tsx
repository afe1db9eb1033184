import { api } from '../../shared/api.ts';
import { dateTime, krw } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { usePages } from '../../shared/use-pages.ts';
import { WithAccount } from '../account/with-account.tsx';
import type { Order } from '../checkout/purchase.ts';
import { paths } from '../paths.ts';
import { Thumb } from '../thumb.tsx';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';

const PAGE_SIZE = 20;

export function OrdersPage() {
  const said = words.value.orders;
  useTitle(said.title);
  return (
    <section class="narrow">
      <h1>{said.title}</h1>
      <WithAccount next={paths.orders}>{({ id }) => <Orders userId={id} />}</WithAccount>
    </section>
  );
}

function Orders({ userId }: { userId: string }) {
  const said = words.value.orders;
  const orders = usePages(`orders ${userId}`, (cursor, signal) =>
    api.call('listOrders', {
      query: { limit: PAGE_SIZE, ...(cursor === undefined ? {} : { cursor }) },
      ...(signal && { signal }),
    }),
  );
  const { items } = orders;
  if (items === undefined && orders.error === undefined)
    return <div class="card list skeleton" aria-busy="true" />;
  return (
    <>
      {orders.error !== undefined && <TroubleNotice error={orders.error} retry={orders.reload} />}
      {items?.length === 0 && (
        <div class="told">
          <b>{said.empty}</b>
          <a class="button plain" href={paths.list}>
            {words.value.cart.browse}
          </a>
        </div>
      )}
      {items !== undefined && items.length > 0 && (
        <ul class="card list">
          {items.map((order) => (
            <li key={order.id}>
              <OrderRow order={order} />
            </li>
          ))}
        </ul>
      )}
      {orders.hasMore && (
        <button type="button" class="plain" onClick={() => void orders.more()}>
          {said.showMore}
        </button>
      )}
    </>
  );
}

function OrderRow({ order }: { order: Order }) {
  const said = words.value.orders;
  const [first] = order.items;
  const rest = order.items.length - 1;
  return (
    <a class="order-row" href={paths.order(order.id)}>
      {first !== undefined && <Thumb productId={first.productId} />}
      <span>
        {first?.name} {rest > 0 && said.more(rest)}
        <span class="quiet small num block">{dateTime(order.createdAt)}</span>
      </span>
      <span class="amounts">
        <b class="num">{krw(order.total)}</b>
        <StatusPill status={order.status} />
      </span>
    </a>
  );
}

export function StatusPill({ status }: { status: Order['status'] }) {
  return (
    <span class={`pill ${status === 'COMPLETED' ? 'ok' : ''}`}>{words.value.orders.status[status]}</span>
  );
}
