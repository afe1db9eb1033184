import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** Faults in which a rival takes locks in a different order. */
const RIVALS: ReadonlySet<string> = new Set(['deadlock-storm', 'lock-pile-up', 'forgotten-report']);

/** Transactions of the shop never deadlock with each other: all take their locks in the same order. */
export function noDeadlocks({ faults, state }: Facts): Finding[] {
  const { deadlocks } = state;
  if (deadlocks === 0 || deadlocks === null || faults.some(({ name }) => RIVALS.has(name))) return [];
  return [{ detail: `the database has broken ${deadlocks} deadlocks` }];
}
