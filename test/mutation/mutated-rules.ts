/** A pure rule, and the tests that must detect its mutants. */
export interface MutatedRule {
  readonly file: string;
  readonly tests: readonly string[];
}

const unit = (name: string) => `test/unit/${name}.test.ts`;
const property = (name: string) => `test/property/${name}.test.ts`;
const orders = [unit('evaluate-orders'), property('evaluate-orders')];

/** Rules of the shop without I/O, clock or randomness. */
export const mutatedRules: readonly MutatedRule[] = [
  { file: 'app/orders/evaluate-orders.ts', tests: orders },
  { file: 'app/orders/decide-line.ts', tests: [unit('decide-line')] },
  { file: 'app/operators/decide-operator-change.ts', tests: [unit('decide-operator-change')] },
  { file: 'app/orders/decide-cancellation.ts', tests: [unit('decide-cancellation')] },
  { file: 'app/orders/decide-coupon.ts', tests: [unit('decide-coupon')] },
  { file: 'app/orders/order-request-hash.ts', tests: [unit('order-request-hash')] },
  { file: 'app/coupons/decide-coupon-edit.ts', tests: [unit('decide-coupon-edit')] },
  { file: 'app/coupons/decide-issues.ts', tests: [unit('decide-issues')] },
  { file: 'app/statistics/sales-deltas.ts', tests: [unit('sales-deltas')] },
  { file: 'app/popular/popular-window.ts', tests: [unit('popular-window')] },
  { file: 'app/http/contract/page-cursor.ts', tests: [unit('page-cursor')] },
  { file: 'app/catalogue/search-words.ts', tests: [unit('search-words')] },
  { file: 'app/audit/audit-scope.ts', tests: [unit('audit-scope')] },
];
