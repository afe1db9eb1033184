import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** Transactions of the shop never deadlock with each other: all take their locks in one order. Only a storm makes them. */
export function noDeadlocks({ faults, state }: Facts): Finding[] {
  const { deadlocks } = state;
  if (deadlocks === 0 || deadlocks === null || faults.some(({ name }) => /deadlock|storm/.test(name)))
    return [];
  return [{ detail: `the database has broken ${deadlocks} deadlocks` }];
}
