/**
 * The audit's checks, a closed table. `id` names the kind of id that a broken row has. A broken row also has
 * a `seq` if it is a link of a chain.
 */
export const auditChecks = {
  stock_chain: {
    id: 'product',
    holds:
      'Sales and stock entries of a product, by seq: no gap, no duplicate, each quantity follows from ' +
      'the one before.',
  },
  stock_head: {
    id: 'product',
    holds: 'Quantity and version of a stock equal those of its last change.',
  },
  balance_chain: {
    id: 'user',
    holds: 'Ledger entries of a wallet, by seq: no gap, each balance follows from the one before.',
  },
  balance_head: {
    id: 'user',
    holds: 'Balance and version of a wallet equal those of its last entry.',
  },
  order_total: {
    id: 'order',
    holds: 'The subtotal is the sum of the items; the total is the subtotal minus the discount.',
  },
  order_payment: {
    id: 'order',
    holds: 'An order has a PAYMENT with the amount, seq and balance that the order states.',
  },
  order_refund: {
    id: 'order',
    holds: 'A cancelled order has one REFUND of its total; any other order has none.',
  },
  order_restock: {
    id: 'order',
    holds: 'Each item of a cancelled order has one RESTOCK of its units; any other item has none.',
  },
  entry_order: {
    id: 'user',
    holds: 'PAYMENT and REFUND belong to an order of that user, PAYMENT at its seq. Others belong to none.',
  },
  stock_order: {
    id: 'product',
    holds: 'A sale or RESTOCK belongs to an order with this product; other stock entries belong to none.',
  },
  order_discount: {
    id: 'order',
    holds: "The discount is the coupon's; a completed order that names a coupon has used it.",
  },
  coupon_count: {
    id: 'coupon',
    holds: 'The issued count of a coupon is the number of user coupons and at most its quantity.',
  },
  coupon_use: {
    id: 'user coupon',
    holds: 'A used coupon belongs to the completed order of that user that names it.',
  },
  unique_keys: {
    id: 'index',
    holds: 'The unique keys exist that keep idempotency keys, seqs and events from being stored twice.',
  },
  event_lost: {
    id: 'event',
    holds:
      'The event of an order or cancellation is in the outbox or inbox, briefly in flight, or older ' +
      'than the inbox.',
  },
  event_order: {
    id: 'event',
    holds: 'Every event in the outbox or inbox is that of an order, or of a cancellation that happened.',
  },
  statistics: {
    id: 'product',
    holds:
      'Units and revenue per product and hour equal those of the events in the inbox and those purged ' +
      'from it.',
  },
} as const satisfies Record<string, { id: string; holds: string }>;

export type AuditCheck = keyof typeof auditChecks;

export const auditCheckNames = Object.keys(auditChecks) as readonly AuditCheck[];
