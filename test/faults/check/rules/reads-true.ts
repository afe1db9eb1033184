import type { Requests } from '../../history/history-line.ts';
import { placesWithin, valueAt } from '../chains.ts';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { type Acknowledged, acknowledgedOf, nameOf } from '../operations.ts';

/**
 * A read returns a state that existed at some moment between request and answer, and includes everything
 * acknowledged before the request.
 */
export function readsTrue(facts: Facts): Finding[] {
  return [...facts.operations.values()].flatMap((operation): Finding[] => {
    const { name: key, kind } = operation;
    const untruth = kind === 'read-balance' ? wrongBalance : kind === 'find-order' ? wrongOrder : undefined;
    if (untruth === undefined) return [];
    return acknowledgedOf(operation).flatMap((read): Finding[] => {
      const detail = untruth(facts, read);
      return detail === undefined ? [] : [{ key, detail }];
    });
  });
}

function wrongBalance({ balanceChains }: Facts, { invoke, answer }: Acknowledged): string | undefined {
  const { balance, balanceSeq } = answer.response as { balance: number; balanceSeq: number };
  const chain = balanceChains.get(invoke.user) ?? [];
  const { from, to } = placesWithin(chain, { fromMs: invoke.atMs, toMs: answer.atMs });
  if (balanceSeq < from || balanceSeq > to)
    return `read seq ${balanceSeq}, which was between ${from} and ${to}`;
  const value = valueAt(chain, balanceSeq);
  return value === balance ? undefined : `read ${balance} at seq ${balanceSeq}, where it is ${value}`;
}

function wrongOrder({ ordersById, operations }: Facts, { invoke, answer }: Acknowledged): string | undefined {
  const { orderKey } = invoke.request as Requests['find-order'];
  const [found] = (answer.response as { data: { id: string }[] }).data;
  if (found !== undefined) {
    const order = ordersById.get(found.id);
    return order?.userId === invoke.user && order.key === orderKey
      ? undefined
      : `found order ${found.id}, which is not the one under this key`;
  }
  const placed = operations.get(nameOf('order', invoke.user, orderKey));
  const known = placed && acknowledgedOf(placed).find((order) => order.answer.atMs < invoke.atMs);
  return known && 'found no order, though it had been acknowledged before';
}
