import { useRoute } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { count, dateTime, krw } from '../../shared/format.ts';
import { type Loaded, useLoad } from '../../shared/use-load.ts';
import { ActionList } from '../operators/action-list.tsx';
import { OrderStatusPill } from '../orders/order-state.tsx';
import { orderWords } from '../orders/words.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Page } from '../parts/page.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { AdjustForm } from './adjust-form.tsx';
import type { CustomerFile } from './customer.ts';
import { BalanceLedgerCard } from './balance-ledger-card.tsx';
import { customerWords } from './words.ts';

export function CustomerFilePage() {
  const { id = '' } = useRoute().params;
  const words = customerWords.value;
  const loaded = useLoad(id, (signal) => api.call('readCustomer', { path: { customerId: id }, signal }));
  return (
    <Page
      title={loaded.data?.email ?? words.title}
      above={{ href: paths.customers, text: words.title }}
      at={loaded.at}
      state={loaded.data && <span class="pill">{words.roles[loaded.data.role]}</span>}
    >
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {(file) => <Details key={id} file={file} loaded={loaded} />}
      </View>
    </Page>
  );
}

function Details({ file, loaded }: { file: CustomerFile; loaded: Loaded<CustomerFile> }) {
  const words = customerWords.value;
  return (
    <div class="columns">
      <div class="stack">
        <BalanceLedgerCard file={file} turn={loaded.at} />
        <OrdersCard file={file} />
      </div>
      <div class="stack">
        <section class="card pad">
          <div class="cap">
            <h2 class="h3">{words.balance}</h2>
            <span class="tiny quiet num">{words.seq(count(file.balanceSeq))}</span>
          </div>
          <b class="figure num">{krw(file.balance)}</b>
          {may('owner') ? (
            <AdjustForm customerId={file.id} onAdjusted={loaded.reload} />
          ) : (
            <p class="small quiet">{words.onlyOwner}</p>
          )}
        </section>
        <CouponsCard file={file} />
        <ActionList targetId={file.id} turn={loaded.at} />
      </div>
    </div>
  );
}

function OrdersCard({ file: { email, orders } }: { file: CustomerFile }) {
  const words = customerWords.value;
  const names = orderWords.value;
  return (
    <section class="card pad">
      <div class="cap">
        <h2 class="h3">{words.orders}</h2>
        {orders.data.length > 0 && (
          <a class="tiny" href={`${paths.orders}?email=${encodeURIComponent(email)}`}>
            {words.allOrders}
          </a>
        )}
      </div>
      {orders.data.length === 0 ? (
        <p class="quiet small">{words.noOrders}</p>
      ) : (
        <DataTable
          caption={words.orders}
          items={orders.data}
          keyOf={({ id }) => id}
          columns={[
            {
              head: names.order,
              cell: ({ id, items: [first, ...rest] }) => (
                <a href={paths.order(id)}>
                  {first?.name} × {count(first?.quantity ?? 0)} {rest.length > 0 && names.more(rest.length)}
                </a>
              ),
            },
            { head: names.status, cell: ({ status }) => <OrderStatusPill status={status} /> },
            { head: names.total, isNumber: true, cell: ({ total }) => krw(total) },
            { head: names.arrived, isNumber: true, cell: ({ createdAt }) => dateTime(createdAt) },
          ]}
        />
      )}
    </section>
  );
}

function CouponsCard({ file: { coupons } }: { file: CustomerFile }) {
  const words = customerWords.value;
  return (
    <section class="card pad">
      <h2 class="h3">{words.coupons}</h2>
      {coupons.data.length === 0 ? (
        <p class="quiet small">{words.noCoupons}</p>
      ) : (
        <ul class="rows">
          {coupons.data.map(({ id, couponId, name, status }) => (
            <li key={id} class="row">
              <a href={paths.coupon(couponId)}>{name}</a>
              <span class={status === 'ISSUED' ? 'pill ok' : 'pill'}>{words.couponStates[status]}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
