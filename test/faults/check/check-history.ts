import type { HistoryLine } from '../history/history-line.ts';
import { type Facts, factsOf } from './facts.ts';
import type { FinalState } from './final-state.ts';
import { acknowledgedPresent } from './rules/acknowledged-present.ts';
import { acknowledgedValues } from './rules/acknowledged-values.ts';
import { asAsked } from './rules/as-asked.ts';
import { balanceChain } from './rules/balance-chain.ts';
import { cartsHold } from './rules/carts-hold.ts';
import { couponEditsFollow } from './rules/coupon-edits-follow.ts';
import { couponsAddUp } from './rules/coupons-add-up.ts';
import { editsFollow } from './rules/edits-follow.ts';
import { eventsCountedOnce } from './rules/events-counted-once.ts';
import { failedAbsent } from './rules/failed-absent.ts';
import { keyAtMostOnce } from './rules/key-at-most-once.ts';
import { knownNotRefused } from './rules/known-not-refused.ts';
import { limitsHold } from './rules/limits-hold.ts';
import { noDeadlocks } from './rules/no-deadlocks.ts';
import { noOversell } from './rules/no-oversell.ts';
import { ordersAddUp } from './rules/orders-add-up.ts';
import { otherBodyRefused } from './rules/other-body-refused.ts';
import { poisonSetAside } from './rules/poison-set-aside.ts';
import { readsTrue } from './rules/reads-true.ts';
import { realTimeOrder } from './rules/real-time-order.ts';
import { refusalsTrue } from './rules/refusals-true.ts';
import { replaysIdentical } from './rules/replays-identical.ts';
import { samplesConserve } from './rules/samples-conserve.ts';
import { samplesInTime } from './rules/samples-in-time.ts';
import { settled } from './rules/settled.ts';
import { statisticsMatchOrders } from './rules/statistics-match-orders.ts';
import { stockChain } from './rules/stock-chain.ts';
import { timesTrue } from './rules/times-true.ts';
import { keyedByOrder } from './rules/keyed-by-order.ts';
import { unaskedFor } from './rules/unasked-for.ts';
import { wellFormed } from './rules/well-formed.ts';

export interface Violation {
  readonly rule: RuleName;
  readonly harm: Harm;
  /** The operation: its kind, user and key. */
  readonly key?: string | undefined;
  readonly detail: string;
}

/** What a rule reports. */
export interface Finding {
  readonly key?: string | undefined;
  readonly detail: string;
}

/** An acknowledged effect is lost; an effect requested once is stored twice; or the sums do not add up. */
export type Harm = 'lost' | 'doubled' | 'drift';

interface Rule {
  readonly harm: Harm;
  readonly find: (facts: Facts) => Finding[];
}

export const rules = {
  settled: { harm: 'lost', find: settled },
  'acknowledged-present': { harm: 'lost', find: acknowledgedPresent },
  'acknowledged-values': { harm: 'drift', find: acknowledgedValues },
  'key-at-most-once': { harm: 'doubled', find: keyAtMostOnce },
  'failed-absent': { harm: 'drift', find: failedAbsent },
  'as-asked': { harm: 'drift', find: asAsked },
  'unasked-for': { harm: 'doubled', find: unaskedFor },
  'replays-identical': { harm: 'doubled', find: replaysIdentical },
  'known-not-refused': { harm: 'drift', find: knownNotRefused },
  'other-body-refused': { harm: 'drift', find: otherBodyRefused },
  'no-oversell': { harm: 'doubled', find: noOversell },
  'stock-chain': { harm: 'drift', find: stockChain },
  'balance-chain': { harm: 'drift', find: balanceChain },
  'orders-add-up': { harm: 'drift', find: ordersAddUp },
  'limits-hold': { harm: 'drift', find: limitsHold },
  'carts-hold': { harm: 'doubled', find: cartsHold },
  'edits-follow': { harm: 'drift', find: editsFollow },
  'coupon-edits-follow': { harm: 'drift', find: couponEditsFollow },
  'times-true': { harm: 'drift', find: timesTrue },
  'real-time-order': { harm: 'drift', find: realTimeOrder },
  'refusals-true': { harm: 'drift', find: refusalsTrue },
  'reads-true': { harm: 'drift', find: readsTrue },
  'coupons-add-up': { harm: 'drift', find: couponsAddUp },
  'events-counted-once': { harm: 'lost', find: eventsCountedOnce },
  'statistics-match-orders': { harm: 'drift', find: statisticsMatchOrders },
  'keyed-by-order': { harm: 'drift', find: keyedByOrder },
  'poison-set-aside': { harm: 'lost', find: poisonSetAside },
  'samples-conserve': { harm: 'drift', find: samplesConserve },
  'samples-in-time': { harm: 'drift', find: samplesInTime },
  'no-deadlocks': { harm: 'drift', find: noDeadlocks },
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules | 'well-formed';

/** Maximum findings per rule; a broken chain would otherwise report each of its links. */
const FINDINGS_MAX = 20;

/**
 * Contradictions in a history or its end state; empty when the shop kept every promise. Pure. A malformed
 * history (such as an answer without a request) is reported alone, because no other rule is meaningful then.
 */
export function checkHistory(lines: readonly HistoryLine[], state: FinalState): Violation[] {
  const malformed = wellFormed(lines).map((finding): Violation => {
    return { rule: 'well-formed', harm: 'drift', ...finding };
  });
  if (malformed.length > 0) return malformed.slice(0, FINDINGS_MAX);
  const facts = factsOf(lines, state);
  return (Object.entries(rules) as [keyof typeof rules, Rule][]).flatMap(([rule, { harm, find }]) =>
    find(facts)
      .slice(0, FINDINGS_MAX)
      .map((finding): Violation => ({ rule, harm, ...finding })),
  );
}
