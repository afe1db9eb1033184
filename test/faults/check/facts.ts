import type { BeginLine, FaultLine, HistoryLine, SampleLine } from '../history/history-line.ts';
import { type Chain, chainsOf } from './chains.ts';
import { couponVersions, type CouponVersion } from './coupon-versions.ts';
import type { FinalState, StoredItem, StoredOrder } from './final-state.ts';
import { type Effect, effectsByOperation } from './effects.ts';
import { type Operation, operationsOf } from './operations.ts';
import { termsByProduct, type TermsVersion } from './product-terms.ts';
import { type HeldAt, unitsHeld } from './units-held.ts';

/** A history and its end state, in the forms that the rules ask for. */
export interface Facts {
  readonly begin: BeginLine;
  readonly state: FinalState;
  /** By `operationName`. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** What each of them has left in the database, by `operationName`; also what nobody has asked for. */
  readonly effects: ReadonlyMap<string, readonly Effect[]>;
  readonly samples: readonly SampleLine[];
  readonly faults: readonly FaultLine[];
  /** By product. */
  readonly stockChains: ReadonlyMap<string, Chain>;
  /** By user. */
  readonly balanceChains: ReadonlyMap<string, Chain>;
  readonly ordersById: ReadonlyMap<string, StoredOrder>;
  /** By product, every version that there was. */
  readonly productTerms: ReadonlyMap<string, readonly TermsVersion[]>;
  /** By coupon, every version that there was. */
  readonly couponVersions: ReadonlyMap<string, readonly CouponVersion[]>;
  /** By user, the units in orders that were not cancelled. */
  readonly held: ReadonlyMap<string, readonly HeldAt[]>;
  /** By order, in the order of their lines. */
  readonly itemsByOrder: ReadonlyMap<string, readonly StoredItem[]>;
}

/** Of a well-formed history. */
export function factsOf(lines: readonly HistoryLine[], state: FinalState): Facts {
  const begin = lines.find((line): line is BeginLine => line.type === 'begin') as BeginLine;
  const operations = operationsOf(lines);
  const ordersById = new Map(state.orders.map((order) => [order.orderId, order]));
  const samples = lines.filter((line): line is SampleLine => line.type === 'sample');
  const itemsByOrder = Map.groupBy(state.orderItems, ({ orderId }) => orderId);
  return {
    begin,
    state,
    operations,
    effects: effectsByOperation({ begin, state, itemsByOrder }),
    samples,
    productTerms: termsByProduct(begin, operations, samples),
    couponVersions: couponVersions({ begin, state, operations, samples }),
    held: unitsHeld(state, itemsByOrder),
    faults: lines.filter((line): line is FaultLine => line.type === 'fault'),
    ...chainsOf({ begin, state, operations, ordersById }),
    ordersById,
    itemsByOrder,
  };
}
