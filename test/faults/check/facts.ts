import type { BeginLine, FaultLine, HistoryLine, SampleLine } from '../history/history-line.ts';
import { type Chain, chainsOf } from './chains.ts';
import { couponVersions, type CouponVersion } from './coupon-versions.ts';
import type { FinalState, StoredItem, StoredOrder } from './final-state.ts';
import { type Effect, effectsByOperation } from './effects.ts';
import { type Operation, operationsOf } from './operations.ts';
import { termsByProduct, type TermsVersion } from './product-terms.ts';
import { type HeldAt, unitsHeld } from './units-held.ts';

/** A history and its end state, in the forms that the rules need. */
export interface Facts {
  readonly begin: BeginLine;
  readonly state: FinalState;
  /** Operations by `operationName`. */
  readonly operations: ReadonlyMap<string, Operation>;
  /**
   * Effects of each operation in the database, by `operationName`; includes effects that no request explains.
   */
  readonly effects: ReadonlyMap<string, readonly Effect[]>;
  readonly samples: readonly SampleLine[];
  readonly faults: readonly FaultLine[];
  /** Chains of stocks, by product. */
  readonly stockChains: ReadonlyMap<string, Chain>;
  /** Chains of balances, by user. */
  readonly balanceChains: ReadonlyMap<string, Chain>;
  readonly ordersById: ReadonlyMap<string, StoredOrder>;
  /** Every version of each product, by product. */
  readonly productTerms: ReadonlyMap<string, readonly TermsVersion[]>;
  /** Every version of each coupon, by coupon. */
  readonly couponVersions: ReadonlyMap<string, readonly CouponVersion[]>;
  /** Units in orders that were not cancelled, by user. */
  readonly held: ReadonlyMap<string, readonly HeldAt[]>;
  /** Items of each order in the order of its lines, by order. */
  readonly itemsByOrder: ReadonlyMap<string, readonly StoredItem[]>;
}

/** Expects a well-formed history. */
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
