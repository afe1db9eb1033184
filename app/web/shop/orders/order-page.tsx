import { useRef, useState } from 'preact/hooks';
import { api, RowlockProblem } from '../../shared/api.ts';
import { dateTime, krw } from '../../shared/format.ts';
import { TroubleNotice } from '../../shared/trouble-notice.tsx';
import { useLoad } from '../../shared/use-load.ts';
import { refreshBalance } from '../account/wallet-state.ts';
import { WithAccount } from '../account/with-account.tsx';
import type { Order } from '../checkout/purchase.ts';
import { paths } from '../paths.ts';
import { Thumb } from '../thumb.tsx';
import { useTitle } from '../use-title.ts';
import { words } from '../words/shop-words.ts';
import { StatusPill } from './orders-page.tsx';

export function OrderPage({ id = '' }: { id?: string }) {
  const said = words.value.orders;
  useTitle(said.order);
  return (
    <section class="narrow">
      <p class="small">
        <a href={paths.orders}>{said.title}</a>
      </p>
      <WithAccount next={paths.order(id)}>{() => <LoadedOrder id={id} />}</WithAccount>
    </section>
  );
}

function LoadedOrder({ id }: { id: string }) {
  const order = useLoad(`order ${id}`, (signal) => api.call('readOrder', { path: { orderId: id }, signal }));
  if (order.data === undefined)
    return order.error === undefined ? (
      <div class="card list skeleton" aria-busy="true" />
    ) : (
      <TroubleNotice error={order.error} retry={order.reload} />
    );
  return <Details order={order.data} reload={order.reload} />;
}

function Details({ order, reload }: { order: Order; reload: () => void }) {
  const said = words.value.orders;
  return (
    <>
      <div class="row">
        <h1 class="num">{krw(order.total)}</h1>
        <StatusPill status={order.status} />
      </div>
      <dl class="facts small">
        <dt>{said.placed}</dt>
        <dd class="num">{dateTime(order.createdAt)}</dd>
        <dt>{said.number}</dt>
        <dd>
          <code>{order.id}</code>
        </dd>
      </dl>
      <ul class="card list">
        {order.items.map((item) => (
          <li key={item.productId} class="order-row">
            <Thumb productId={item.productId} />
            <span>
              <a href={paths.product(item.productId)}>{item.name}</a>
              <span class="quiet small num block">
                {krw(item.unitPrice)} × {item.quantity} · {said.change(item.stockSeq)}
              </span>
            </span>
            <b class="num">{krw(item.unitPrice * item.quantity)}</b>
          </li>
        ))}
      </ul>
      <div class="sum num">
        <span class="quiet">{said.subtotal}</span>
        <span>{krw(order.subtotal)}</span>
        {order.discount > 0 && (
          <>
            <span class="quiet">{said.discount}</span>
            <span>{krw(-order.discount)}</span>
          </>
        )}
        <b>{said.total}</b>
        <b>{krw(order.total)}</b>
        <span class="quiet">{said.after}</span>
        <span>{krw(order.balanceAfter)}</span>
      </div>
      <Cancel order={order} reload={reload} />
    </>
  );
}

function Cancel({ order, reload }: { order: Order; reload: () => void }) {
  const said = words.value.orders;
  // One key per order and view: a repeated click is the same cancellation.
  const key = useRef(crypto.randomUUID());
  const [isBusy, setBusy] = useState(false);
  const [refund, setRefund] = useState<number | undefined>(undefined);
  const [error, setError] = useState<unknown>(undefined);
  const cancel = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    try {
      const done = await api.call('cancelOrder', { path: { orderId: order.id }, key: key.current });
      setRefund(done.refund);
      setError(undefined);
      reload();
      void refreshBalance();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  const reason = error instanceof RowlockProblem ? error.problem['reason'] : undefined;
  const cannot = typeof reason === 'string' ? said.cannot[reason] : undefined;
  return (
    <>
      <div role="status">{refund !== undefined && <p class="told ok">{said.cancelled(krw(refund))}</p>}</div>
      {cannot !== undefined && (
        <p class="told bad" role="alert">
          {cannot}
        </p>
      )}
      {error !== undefined && cannot === undefined && (
        <TroubleNotice error={error} retry={() => void cancel()} />
      )}
      {order.status === 'COMPLETED' && refund === undefined && (
        <button type="button" class="danger start" aria-disabled={isBusy} onClick={() => void cancel()}>
          {isBusy ? said.cancelling : said.cancel(krw(order.total))}
        </button>
      )}
    </>
  );
}
