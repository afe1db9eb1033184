import type { ComponentChildren } from 'preact';
import { count, krw, signed } from '../../shared/format.ts';
import { paths } from '../paths.ts';
import type { OrderTrace, StockChange } from './order.ts';
import { EventPill } from './order-state.tsx';
import { sinceText } from './since-text.ts';
import { orderWords } from './words.ts';

/**
 * One order from the request to the statistics, each step with its proof. Shows only what is recorded: a step
 * without a time of its own has none.
 */
export function OrderChain({ order }: { order: OrderTrace }) {
  const sales = order.stockChanges.filter(({ kind }) => kind === 'SALE');
  const payment = order.ledger.find(({ kind }) => kind === 'PAYMENT');
  const completed = order.events.find(({ type }) => type === 'completed');
  const words = orderWords.value;
  const { customer } = order;
  return (
    <ol class="card chain num">
      <Step
        mark="1"
        time={sinceText(order.createdAt)}
        title={words.asked}
        proof={<Source text="POST /orders" />}
      >
        {words.askedBy} <a href={paths.customer(customer.id)}>{customer.email}</a>, {words.key}{' '}
        <code>{order.idempotencyKey}</code>
      </Step>
      <Step mark="2" title={words.deducted} time={offset(order, sales[0]?.createdAt)}>
        <StockChanges order={order} changes={sales} />
      </Step>
      {payment === undefined ? (
        <Step mark="3" title={words.notDebited}>
          {words.notDebitedText}
        </Step>
      ) : (
        <Step
          mark="3"
          title={words.debited}
          time={offset(order, payment.createdAt)}
          proof={<span class="pill ok">{words.seq(payment.seq)}</span>}
        >
          <span class="amount">{krw(-order.total)}</span>{' '}
          <Shift before={krw(order.balanceAfter + order.total)} after={krw(payment.balanceAfter)} />
          {order.coupon !== null && (
            <>
              {' '}
              {words.coupon} <a href={paths.coupon(order.coupon.couponId)}>{order.coupon.name}</a>{' '}
              <span class="amount">{krw(-order.discount)}</span>
            </>
          )}
        </Step>
      )}
      <Step mark="✓" title={words.committed} proof={<Source text="200" />}>
        {words.committedText}
      </Step>
      {completed !== undefined && (
        <EventSteps order={order} event={completed} first={4} counted={words.counted} />
      )}
      {order.cancellation !== null && <CancellationSteps order={order} />}
    </ol>
  );
}

function CancellationSteps({ order }: { order: OrderTrace }) {
  const words = orderWords.value;
  const { cancellation } = order;
  if (cancellation === null) return null;
  const returned = order.stockChanges.filter(({ kind }) => kind === 'RESTOCK');
  const refund = order.ledger.find(({ kind }) => kind === 'REFUND');
  const cancelled = order.events.find(({ type }) => type === 'cancelled');
  return (
    <>
      <Step mark="6" title={words.cancelled} time={sinceText(cancellation.cancelledAt)}>
        {words.cancelledBy[cancellation.by]}
        {cancellation.reason !== null && `: ${cancellation.reason}`}
      </Step>
      <Step mark="7" title={words.restocked}>
        <StockChanges order={order} changes={returned} />
      </Step>
      {refund !== undefined && (
        <Step mark="8" title={words.refunded} proof={<span class="pill ok">{words.seq(refund.seq)}</span>}>
          {krw(refund.amount)}{' '}
          <Shift before={krw(refund.balanceAfter - refund.amount)} after={krw(refund.balanceAfter)} />
          {order.coupon !== null && ` ${words.couponBack}`}
        </Step>
      )}
      {cancelled !== undefined && (
        <EventSteps order={order} event={cancelled} first={9} counted={words.uncounted} />
      )}
    </>
  );
}

interface EventStepsProps {
  readonly order: OrderTrace;
  readonly event: OrderTrace['events'][number];
  /** Number of the first of the two steps. */
  readonly first: number;
  readonly counted: string;
}

function EventSteps({ order, event, first, counted }: EventStepsProps) {
  const words = orderWords.value;
  const type = <Source text={event.type === 'completed' ? 'OrderCompleted' : 'OrderCancelled'} />;
  if (event.state === 'waiting')
    return (
      <Step mark="…" isWaiting title={words.waiting} proof={type}>
        {words.waitingText(event.attempts ?? 0)}
      </Step>
    );
  return (
    <>
      <Step mark={String(first)} title={words.left} proof={type}>
        {words.leftText}
      </Step>
      {event.state === 'counted' && (
        <Step
          mark={String(first + 1)}
          title={counted}
          time={event.countedAt === null ? undefined : offset(order, event.countedAt)}
          proof={<EventPill state={event.state} />}
        >
          {words.countedText} <code>{event.id}</code>
        </Step>
      )}
      {event.state === 'sent' && (
        <Step mark="…" isWaiting title={words.notCounted}>
          {words.notCountedText}
        </Step>
      )}
      {event.state === 'forgotten' && (
        <Step mark="?" isWaiting title={words.forgotten}>
          {words.forgottenText}
        </Step>
      )}
    </>
  );
}

function StockChanges({ order, changes }: { order: OrderTrace; changes: readonly StockChange[] }) {
  const words = orderWords.value;
  const names = new Map(order.items.map(({ productId, name }) => [productId, name]));
  return (
    <ul>
      {changes.map(({ productId, seq, delta, stockAfter }) => (
        <li key={seq + productId}>
          <a href={paths.product(productId)}>{names.get(productId)}</a> {signed(delta)}{' '}
          <Shift before={count(stockAfter - delta)} after={count(stockAfter)} />{' '}
          <span class="pill ok">{words.seq(seq)}</span>
        </li>
      ))}
    </ul>
  );
}

interface StepProps {
  readonly mark: string;
  readonly title: string;
  /** Of a step that has a time of its own. */
  readonly time?: string | undefined;
  readonly proof?: ComponentChildren;
  readonly isWaiting?: boolean;
  readonly children: ComponentChildren;
}

function Step({ mark, title, time, proof, isWaiting = false, children }: StepProps) {
  return (
    <li>
      <span class="when tiny quiet">{time}</span>
      <span class={isWaiting ? 'dot wait' : 'dot'} aria-hidden="true">
        {mark}
      </span>
      <div>
        <h2 class="row h3">
          {title} {proof}
        </h2>
        <div class="small quiet">{children}</div>
      </div>
    </li>
  );
}

function Shift({ before, after }: { before: string; after: string }) {
  return (
    <span class="shift">
      {before} → <b>{after}</b>
    </span>
  );
}

function Source({ text }: { text: string }) {
  return <span class="tiny quiet mono">{text}</span>;
}

function offset(order: OrderTrace, at: string | undefined): string | undefined {
  return at === undefined ? undefined : sinceText(at, order.createdAt);
}
