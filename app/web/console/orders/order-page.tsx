import type { ComponentChildren } from 'preact';
import { useRoute } from 'preact-iso/router';
import { api } from '../../shared/api.ts';
import { count, krw } from '../../shared/format.ts';
import { type Loaded, useLoad } from '../../shared/use-load.ts';
import { Page } from '../parts/page.tsx';
import { say } from '../parts/say.tsx';
import { SkeletonCards, View } from '../parts/view.tsx';
import { paths } from '../paths.ts';
import { may } from '../session/session-state.ts';
import { CancelForm } from './cancel-form.tsx';
import { OrderChain } from './order-chain.tsx';
import { contradictionsOf, type OrderTrace } from './order.ts';
import { EventPill, OrderStatusPill } from './order-state.tsx';
import { orderWords } from './words.ts';

/** An event that is under way moves within seconds. */
const EVERY_MS = 3000;

/** Everything that is recorded of one order, as a chain. */
export function OrderPage() {
  const { id = '' } = useRoute().params;
  const words = orderWords.value;
  const loaded = useLoad(id, (signal) => api.call('traceOrder', { path: { orderId: id }, signal }), {
    everyMs: EVERY_MS,
  });
  const order = loaded.data;
  const lastEvent = order?.events.at(-1);
  return (
    <Page
      title={order === undefined ? words.order : krw(order.total)}
      above={{ href: paths.orders, text: words.title }}
      at={loaded.at}
      state={
        order !== undefined && (
          <>
            <OrderStatusPill status={order.status} />
            {lastEvent !== undefined && <EventPill state={lastEvent.state} />}
            <SumPill order={order} />
          </>
        )
      }
    >
      <View loaded={loaded} skeleton={<SkeletonCards />}>
        {(trace) => <Details order={trace} loaded={loaded} />}
      </View>
    </Page>
  );
}

/** Whether the records of the order agree, computed here from what is shown. */
function SumPill({ order }: { order: OrderTrace }) {
  const words = orderWords.value;
  const parts = contradictionsOf(order);
  if (parts.length === 0)
    return (
      <span class="pill ok" title={words.sumsText}>
        {words.sums}
      </span>
    );
  return (
    <a class="pill bad" href={paths.audit}>
      {words.noSumText(parts.map((part) => words.parts[part]).join(', '))}
    </a>
  );
}

function Details({ order, loaded }: { order: OrderTrace; loaded: Loaded<OrderTrace> }) {
  const words = orderWords.value;
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    [words.number, <code key="id">{order.id}</code>],
    [
      words.customer,
      <a key="customer" href={paths.customer(order.customer.id)}>
        {order.customer.email}
      </a>,
    ],
    [words.lines, count(order.items.length)],
    [words.subtotal, krw(order.subtotal)],
    [words.discount, order.discount === 0 ? '–' : krw(-order.discount)],
    [words.total, <b key="total">{krw(order.total)}</b>],
    [words.balanceAfter, krw(order.balanceAfter)],
  ];
  return (
    <div class="columns">
      <OrderChain order={order} />
      <div class="stack">
        <section class="card pad">
          <h2 class="h3">{words.order}</h2>
          <dl class="facts-list num">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section class="card pad">
          <h2 class="h3">{words.actions}</h2>
          {may('operator') && order.status === 'COMPLETED' && (
            <CancelForm order={order} onCancelled={loaded.reload} />
          )}
          <button type="button" class="plain" onClick={() => void copyCurl(order.id)}>
            {words.copyCurl}
          </button>
        </section>
      </div>
    </div>
  );
}

async function copyCurl(orderId: string): Promise<void> {
  await navigator.clipboard.writeText(
    `curl -s '${location.origin}/admin/orders/${orderId}' -H "authorization: Bearer $TOKEN"`,
  );
  say('ok', orderWords.value.copied);
}
