/**
 * What an audit looks at: a closed table. `id` says what the id of a row that breaks the check is the id of; `seq`
 * is there where the row is a link of a chain.
 */
export const auditChecks = {
  stock_chain: {
    id: 'product',
    holds: 'Sales and stock entries of a product, by seq: no gap, no double, each quantity follows.',
  },
  stock_head: {
    id: 'product',
    holds: 'Quantity and version of a stock are those of its last change.',
  },
  balance_chain: {
    id: 'user',
    holds: 'Ledger entries of a wallet, by seq: no gap, each balance follows.',
  },
  balance_head: {
    id: 'user',
    holds: 'Balance and version of a wallet are those of its last entry.',
  },
  order_total: {
    id: 'order',
    holds: 'Subtotal is the sum of the items; total is subtotal less discount.',
  },
  order_payment: {
    id: 'order',
    holds: 'An order has its PAYMENT: amount, seq and balance as the order says.',
  },
  order_refund: {
    id: 'order',
    holds: 'A cancelled order has one REFUND of its total, any other none.',
  },
  order_restock: {
    id: 'order',
    holds: 'Each item of a cancelled order has one RESTOCK of its units, any other none.',
  },
  entry_order: {
    id: 'user',
    holds: 'PAYMENT and REFUND belong to an order of that user, PAYMENT at its seq; CHARGE to none.',
  },
  stock_order: {
    id: 'product',
    holds: 'A sale or RESTOCK belongs to an order that has this product; other stock entries to none.',
  },
  order_discount: {
    id: 'order',
    holds: 'The discount is what the coupon takes off; a completed order that names a coupon has used it.',
  },
  coupon_count: {
    id: 'coupon',
    holds: 'A coupon is in as many hands as it counts, and in no more than there are.',
  },
  coupon_use: {
    id: 'user coupon',
    holds: 'A used coupon belongs to the completed order of that user that names it.',
  },
  unique_keys: {
    id: 'index',
    holds: 'The unique keys are there by which a key, a seq or an event can exist once only.',
  },
  event_lost: {
    id: 'event',
    holds:
      'The event of an order or cancellation is in the outbox or in the inbox, not long under way, or older than the inbox.',
  },
  event_order: {
    id: 'event',
    holds: 'An event in the outbox or in the inbox is that of an order, or of a cancellation that happened.',
  },
  statistics: {
    id: 'product',
    holds:
      'Units and revenue of a product and hour are those of the events in the inbox and of those that have left it.',
  },
} as const satisfies Record<string, { id: string; holds: string }>;

export type AuditCheck = keyof typeof auditChecks;

export const auditCheckNames = Object.keys(auditChecks) as readonly AuditCheck[];
