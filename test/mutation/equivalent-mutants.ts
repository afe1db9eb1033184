/** A mutant that no test can kill, because it does not change the behaviour of the rule. */
export interface EquivalentMutant {
  readonly file: string;
  /** The original code and its replacement, with white space reduced to single blanks. */
  readonly original: string;
  readonly replacement: string;
  readonly why: string;
}

const evaluateOrders = 'app/orders/evaluate-orders.ts';
const EVERY_USER_HAS_ONE =
  'every user of the requests has a wallet in the snapshot: it asserts what the type cannot say';
const WITHIN_THE_LIMIT = 'a text within the limit is its own first characters';
const NO_BOUND = 'no moment is before or after undefined';
const NO_SUCH_COUPON = 'an order whose coupon was not read has been refused before';

export const equivalentMutants: readonly EquivalentMutant[] = [
  {
    file: evaluateOrders,
    original: 'state.wallets.get(request.userId)?.version',
    replacement: 'state.wallets.get(request.userId).version',
    why: EVERY_USER_HAS_ONE,
  },
  {
    file: evaluateOrders,
    original: 'wallet === undefined',
    replacement: 'false',
    why: EVERY_USER_HAS_ONE,
  },
  {
    file: evaluateOrders,
    original: "'the wallet of an order was not read'",
    replacement: '""',
    why: EVERY_USER_HAS_ONE,
  },
  {
    file: evaluateOrders,
    original: 'order.userCouponId && coupon',
    replacement: 'true',
    why: 'what is kept under no id is read by nobody',
  },
  {
    file: evaluateOrders,
    original: 'order.userCouponId && coupon',
    replacement: 'order.userCouponId || coupon',
    why: NO_SUCH_COUPON,
  },
  {
    file: 'app/orders/decide-line.ts',
    original: 'limit !== undefined',
    replacement: 'true',
    why: 'nothing is greater than undefined',
  },
  {
    file: 'app/orders/decide-line.ts',
    original: 'saleFrom !== undefined',
    replacement: 'true',
    why: NO_BOUND,
  },
  {
    file: 'app/orders/decide-line.ts',
    original: 'saleUntil !== undefined',
    replacement: 'true',
    why: NO_BOUND,
  },
  {
    file: 'app/catalogue/search-words.ts',
    original: 'spaced.length === 0',
    replacement: 'false',
    why: 'every word of an empty list matches',
  },
  {
    file: 'app/catalogue/search-words.ts',
    original: 'text.length <= characters',
    replacement: 'false',
    why: WITHIN_THE_LIMIT,
  },
  {
    file: 'app/catalogue/search-words.ts',
    original: 'text.length <= characters',
    replacement: 'text.length < characters',
    why: WITHIN_THE_LIMIT,
  },
  {
    file: 'app/http/contract/page-cursor.ts',
    original: '{ return undefined; }',
    replacement: '{}',
    why: 'a function that ends without return gives undefined',
  },
];
