import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

const HOUR_MS = 60 * 60 * 1000;

/** Units and revenue of a product and hour are those of the orders of that hour that are not cancelled. */
export function statisticsMatchOrders({ state, itemsByOrder }: Facts): Finding[] {
  const expected = new Map<string, Sum>();
  for (const { orderId, status, createdAtMs } of state.orders) {
    if (status === 'CANCELLED') continue;
    const hourMs = Math.floor(createdAtMs / HOUR_MS) * HOUR_MS;
    for (const { productId, quantity, unitPriceKrw } of itemsByOrder.get(orderId) ?? []) {
      add(expected, hourMs, productId, { units: quantity, revenueKrw: quantity * unitPriceKrw });
    }
  }
  const found = new Map<string, Sum>();
  for (const { hourMs, productId, ...sum } of state.statistics) add(found, hourMs, productId, sum);
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((name): Finding[] => {
    const due = textOf(expected.get(name));
    const is = textOf(found.get(name));
    return due === is ? [] : [{ detail: `${name}: statistics have ${is}, the orders ${due}` }];
  });
}

interface Sum {
  readonly units: number;
  readonly revenueKrw: number;
}

function add(sums: Map<string, Sum>, hourMs: number, productId: string, { units, revenueKrw }: Sum): void {
  const name = `${new Date(hourMs).toISOString()} ${productId}`;
  const before = sums.get(name);
  sums.set(name, { units: (before?.units ?? 0) + units, revenueKrw: (before?.revenueKrw ?? 0) + revenueKrw });
}

/** A row of zeros is equivalent to no row. */
function textOf({ units, revenueKrw }: Sum = { units: 0, revenueKrw: 0 }): string {
  return `${units} units, ${revenueKrw} KRW`;
}
