import type { PlantedBug } from './planted-bug.ts';

/** Groups wait and so contain more than one order of a customer. */
const LARGE_GROUPS = ['slow-mysql-link', 'slow-client-links'] as const;

/** Prices, limits, windows, keys and carts: the shop calculates wrongly, but its books still add up. */
export const languageBugs: readonly PlantedBug[] = [
  {
    name: 'sales-counted-now',
    why: "Sales are counted in the current hour of the consumer's clock, not in the hour of the order.",
    edits: [
      {
        file: 'app/statistics/count-events.ts',
        find: '        addSales(tx, salesDeltas(batch)),\n',
        replace:
          '        addSales(\n          tx,\n          salesDeltas(\n            batch.map(({ type, data }) => ({ type, data: { ...data, completedAt: new Date().toISOString() } })),\n          ),\n        ),\n',
      },
    ],
    schedule: ['clock-data-platform'],
  },
  {
    name: 'limit-passed-by-group',
    why: 'Two orders of one group do not see each other’s units: together they exceed the purchase limit.',
    edits: [
      {
        file: 'app/orders/evaluate-orders.ts',
        find: '    state.unitsHeld.set(held, (state.unitsHeld.get(held) ?? 0) + quantity);\n',
        replace: '    void held;\n',
      },
    ],
    schedule: LARGE_GROUPS,
  },
  {
    name: 'last-line-counts',
    why: 'Only the last of two lines of one product counts.',
    edits: [
      {
        file: 'app/orders/evaluate-orders.ts',
        find: 'quantities.set(productId, (quantities.get(productId) ?? 0) + quantity);',
        replace: 'quantities.set(productId, quantity);',
      },
    ],
  },
  {
    name: 'percentage-rounded-up',
    why: "A percentage discount is rounded up: customers pay 1 KRW less than the coupon's terms.",
    edits: [
      {
        file: 'app/orders/decide-coupon.ts',
        find: 'Math.floor((subtotalKrw * terms.percent) / 100)',
        replace: 'Math.ceil((subtotalKrw * terms.percent) / 100)',
      },
    ],
  },
  {
    name: 'low-total-passes',
    why: 'An order is placed although it costs more than the customer expects.',
    edits: [
      {
        file: 'app/orders/evaluate-orders.ts',
        find: 'request.expectedTotalKrw !== totalKrw',
        replace: 'request.expectedTotalKrw > totalKrw',
      },
    ],
  },
  {
    name: 'outdated-cart-ordered',
    why: "An order uses the cart's content from before another order: both contain the same lines.",
    edits: [
      {
        file: 'app/orders/evaluate-orders.ts',
        find: 'if (fromCart !== undefined && fromCart.walletVersion !== state.wallets.get(request.userId)?.version) {',
        replace: 'if (fromCart !== undefined && fromCart.walletVersion < 0) {',
      },
    ],
    schedule: LARGE_GROUPS,
  },
  {
    name: 'cancel-key-of-another',
    why:
      'The key of an earlier cancellation is accepted for another order, which is reported as ' +
      'cancelled but is not.',
    edits: [
      {
        file: 'app/orders/cancel-order.ts',
        find: 'earlier.orderId === orderId && (',
        replace: 'earlier.orderId !== undefined && (',
      },
    ],
  },
  {
    name: 'coupon-claimed-after-end',
    why: 'A coupon can be claimed after its validity.',
    edits: [
      {
        file: 'app/coupons/issue-coupon.ts',
        find: "  if (nowMs() >= validUntil.getTime()) return { code: 'coupon_not_usable', reason: 'expired' };\n",
        replace: '',
      },
      {
        file: 'app/coupons/decide-issues.ts',
        find: "    if (at >= coupon.terms.validUntil) return { code: 'coupon_not_usable', reason: 'expired' };\n",
        replace: '',
      },
    ],
  },
  {
    name: 'coupon-claimed-early',
    why: 'A coupon can be claimed before its validity.',
    edits: [
      {
        file: 'app/coupons/issue-coupon.ts',
        find: "  if (nowMs() < validFrom.getTime()) return { code: 'coupon_not_usable', reason: 'not_yet_valid' };\n",
        replace: '  void validFrom;\n',
      },
      {
        file: 'app/coupons/decide-issues.ts',
        find: "    if (at < coupon.terms.validFrom) return { code: 'coupon_not_usable', reason: 'not_yet_valid' };\n",
        replace: '',
      },
    ],
  },
  {
    name: 'expired-coupon-used',
    why: 'An order can use an expired coupon.',
    edits: [
      {
        file: 'app/orders/decide-coupon.ts',
        find: "  if (at >= terms.validUntil) return notUsable('expired');\n",
        replace: '',
      },
    ],
  },
  {
    name: 'coupon-of-others-used',
    why: "A customer who knows its id can use another customer's coupon.",
    edits: [
      {
        file: 'app/orders/decide-coupon.ts',
        find: 'if (coupon === undefined || coupon.userId !== order.userId)',
        replace: 'if (coupon === undefined)',
      },
    ],
  },
  {
    name: 'discount-without-cap',
    why: 'A percentage discount exceeds the maximum of its coupon.',
    edits: [
      {
        file: 'app/orders/decide-coupon.ts',
        find: 'Math.min(terms.discountMaxKrw, Math.floor((subtotalKrw * terms.percent) / 100))',
        replace: 'Math.floor((subtotalKrw * terms.percent) / 100)',
      },
    ],
  },
  {
    name: 'limit-for-each-order',
    why: 'The purchase limit applies per order: two orders contain twice as many units.',
    edits: [
      {
        file: 'app/orders/decide-line.ts',
        find: 'held + quantity > limit',
        replace: 'quantity > limit',
      },
    ],
  },
  {
    name: 'limit-counts-cancelled',
    why:
      'Units of cancelled orders count towards the purchase limit: a customer who has none left cannot ' +
      'buy any.',
    edits: [
      {
        file: 'app/orders/order-sql.ts',
        find: "o.status = 'COMPLETED'",
        replace: "o.status <> ''",
      },
    ],
  },
  {
    name: 'off-sale-sold',
    why: 'A product that is off sale can still be ordered.',
    edits: [
      {
        file: 'app/orders/decide-line.ts',
        find: "if (product?.status !== 'ACTIVE' || available === undefined)",
        replace: 'if (product === undefined || available === undefined)',
      },
    ],
  },
  {
    name: 'edit-undoes-another',
    why: 'An edit of an outdated version succeeds and silently undoes another edit.',
    edits: [
      {
        file: 'app/catalogue/edit-product.ts',
        find: "    if (!hasSeen(before.version)) return { code: 'precondition_failed' };\n",
        replace: '    void hasSeen;\n',
      },
    ],
  },
  {
    name: 'price-from-memory',
    why: 'A process caches product prices for two seconds: orders use an outdated price.',
    edits: [
      {
        file: 'app/catalogue/product-sql.ts',
        find: 'export async function readProductTerms(\n',
        replace:
          'const keptTerms = new Map<string, { terms: ProductTerms; untilMs: number }>();\n\nexport async function readProductTerms(tx: Transaction, ids: readonly string[]) {\n  const nowMs = performance.now();\n  const missing = ids.filter((id) => (keptTerms.get(id)?.untilMs ?? 0) < nowMs);\n  for (const [id, terms] of await readTermsNow(tx, missing)) keptTerms.set(id, { terms, untilMs: nowMs + 2000 });\n  return new Map(ids.flatMap((id) => (keptTerms.has(id) ? [[id, keptTerms.get(id)?.terms as ProductTerms] as const] : [])));\n}\n\nasync function readTermsNow(\n',
      },
    ],
  },
  {
    name: 'cart-add-replaces',
    why: 'Units added to a cart replace the existing ones: with two devices, one addition is lost.',
    edits: [
      {
        file: 'app/carts/cart-store.ts',
        find: "if ARGV[1] == 'add' then quantity = quantity + held end\n",
        replace: '',
      },
    ],
  },
  {
    name: 'cart-not-emptied',
    why: 'Ordered lines stay in the cart, and the next order contains them again.',
    edits: [
      {
        file: 'app/carts/cart-store.ts',
        find: "if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[1]) then return end\n",
        replace: "if redis.call('SET', KEYS[2], '1', 'EX', ARGV[1]) then return end\n",
      },
    ],
  },
  {
    name: 'charge-key-of-anybody',
    why:
      'The key of a charge is looked up without its customer: another customer with the same key gets ' +
      'that charge.',
    edits: [
      {
        file: 'app/wallet/wallet-sql.ts',
        find: 'WHERE user_id = ? AND kind = ? AND idempotency_key = ?`,',
        replace: 'WHERE (user_id = ? OR user_id IS NOT NULL) AND kind = ? AND idempotency_key = ?`,',
      },
    ],
  },
];
