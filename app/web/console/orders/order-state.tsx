import type { AdminOrder, OrderTrace } from './order.ts';
import { orderWords } from './words.ts';

export function OrderStatusPill({ status }: Pick<AdminOrder, 'status'>) {
  return <span class={status === 'COMPLETED' ? 'pill ok' : 'pill'}>{orderWords.value.statuses[status]}</span>;
}

export function EventPill({ state }: Pick<OrderTrace['events'][number], 'state'>) {
  const tone = { waiting: 'warn', sent: 'accent', counted: 'ok', forgotten: '' }[state];
  return <span class={`pill ${tone}`}>{orderWords.value.pill[state]}</span>;
}
