import { cancelledEventId } from '../../../app/events/order-event.ts';
import { newUuid, uuidBytes, uuidText } from '../../../app/platform/uuid.ts';
import type { Damages } from '../../support/servers/corruption.ts';

const cancellationOf = (orderId: Buffer) => uuidBytes(cancelledEventId(uuidText(orderId)));

/**
 * Ways in which orders, their events and the statistics of the shop in audited-shop.ts can stop adding up.
 */
export const orderDamages: Damages = {
  'an order without its payment': ({ ben, order }) => ({
    apply: [['DELETE FROM wallet_entries WHERE user_id = ? AND seq = 3', [ben]]],
    breaks: { balance_chain: [[ben, 4]], order_payment: [order] },
  }),
  'a payment with a wrong amount, balanced by the next entry': ({ ben, order }) => ({
    apply: [
      ['UPDATE wallet_entries SET amount = -639, balance_after = 4061 WHERE user_id = ? AND seq = 3', [ben]],
    ],
    breaks: { balance_chain: [[ben, 4]], order_payment: [order] },
  }),
  'a payment of an order that does not exist': ({ ben, order }) => ({
    apply: [
      ['UPDATE wallet_entries SET order_id = ? WHERE user_id = ? AND seq = 3', [uuidBytes(newUuid()), ben]],
    ],
    breaks: { entry_order: [[ben, 3]], order_payment: [order] },
  }),
  "a payment recorded for another user's order": ({ ben, order, cancelled }) => ({
    apply: [['UPDATE wallet_entries SET order_id = ? WHERE user_id = ? AND seq = 3', [cancelled, ben]]],
    breaks: { entry_order: [[ben, 3]], order_payment: [order] },
  }),
  'an order paid twice': ({ ben, order }) => ({
    apply: [
      [
        `INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, order_id, created_at)
         SELECT user_id, 5, 'PAYMENT', -640, 3220, order_id, created_at FROM wallet_entries
         WHERE order_id = ? AND kind = 'PAYMENT'`,
        [order],
      ],
      ['UPDATE wallets SET balance = 3220, version = 5 WHERE user_id = ?', [ben]],
    ],
    breaks: { entry_order: [[ben, 5]] },
  }),
  'a charge that names an order': ({ ben, order }) => ({
    apply: [['UPDATE wallet_entries SET order_id = ? WHERE user_id = ? AND seq = 1', [order, ben]]],
    breaks: { entry_order: [[ben, 1]] },
  }),
  'a cancelled order without its refund': ({ ann, cancelled }) => ({
    apply: [
      ["DELETE FROM wallet_entries WHERE user_id = ? AND kind = 'REFUND'", [ann]],
      ['UPDATE wallets SET balance = 8920, version = 5 WHERE user_id = ?', [ann]],
    ],
    breaks: { order_refund: [cancelled] },
  }),
  'a cancelled order refunded twice': ({ ann, cancelled }) => ({
    apply: [
      [
        `INSERT INTO wallet_entries
           (user_id, seq, kind, amount, balance_after, order_id, idempotency_key, created_at)
         SELECT user_id, 7, kind, amount, balance_after + amount, order_id, 'again', created_at
         FROM wallet_entries WHERE order_id = ? AND kind = 'REFUND'`,
        [cancelled],
      ],
      ['UPDATE wallets SET balance = 10880, version = 7 WHERE user_id = ?', [ann]],
    ],
    breaks: { order_refund: [cancelled] },
  }),
  'a refund in two parts': ({ ann, cancelled }) => ({
    apply: [
      ['UPDATE wallet_entries SET amount = 500, balance_after = 9420 WHERE user_id = ? AND seq = 6', [ann]],
      [
        `INSERT INTO wallet_entries
           (user_id, seq, kind, amount, balance_after, order_id, idempotency_key, created_at)
         SELECT user_id, 7, kind, 480, 9900, order_id, 'rest', created_at
         FROM wallet_entries WHERE order_id = ? AND kind = 'REFUND'`,
        [cancelled],
      ],
      ['UPDATE wallets SET version = 7 WHERE user_id = ?', [ann]],
    ],
    breaks: { order_refund: [cancelled] },
  }),
  'a refund of a completed order': ({ ann, cancelled, order }) => ({
    apply: [["UPDATE wallet_entries SET order_id = ? WHERE user_id = ? AND kind = 'REFUND'", [order, ann]]],
    breaks: { entry_order: [[ann, 6]], order_refund: [cancelled] },
  }),
  'a cancelled order without one of its restocks': ({ pen, cancelled }) => ({
    apply: [
      ["DELETE FROM stock_entries WHERE product_id = ? AND kind = 'RESTOCK'", [pen]],
      ['UPDATE product_stock SET quantity = 47, version = 3 WHERE product_id = ?', [pen]],
    ],
    breaks: { order_restock: [cancelled] },
  }),
  'a cancelled item restocked twice': ({ cup, cancelled }) => ({
    apply: [
      [
        `INSERT INTO stock_entries (product_id, seq, kind, delta, quantity_after, order_id, created_at)
         SELECT product_id, 10, kind, delta, quantity_after + delta, order_id, created_at
         FROM stock_entries WHERE product_id = ? AND order_id = ?`,
        [cup, cancelled],
      ],
      ['UPDATE product_stock SET quantity = 93, version = 10 WHERE product_id = ?', [cup]],
    ],
    breaks: { order_restock: [cancelled] },
  }),
  'an item restocked in two parts': ({ cup, cancelled }) => ({
    apply: [
      ['UPDATE stock_entries SET delta = 1, quantity_after = 88 WHERE product_id = ? AND seq = 9', [cup]],
      [
        `INSERT INTO stock_entries (product_id, seq, kind, delta, quantity_after, order_id, created_at)
         SELECT product_id, 10, kind, 2, 90, order_id, created_at
         FROM stock_entries WHERE product_id = ? AND order_id = ?`,
        [cup, cancelled],
      ],
      ['UPDATE product_stock SET version = 10 WHERE product_id = ?', [cup]],
    ],
    breaks: { order_restock: [cancelled] },
  }),
  'fewer units restocked than were sold': ({ pen, cancelled }) => ({
    apply: [
      ['UPDATE stock_entries SET delta = 1, quantity_after = 48 WHERE product_id = ? AND seq = 4', [pen]],
      ['UPDATE product_stock SET quantity = 48 WHERE product_id = ?', [pen]],
    ],
    breaks: { order_restock: [cancelled] },
  }),
  'a restock of an order that does not exist': ({ pen, cancelled }) => ({
    apply: [
      ['UPDATE stock_entries SET order_id = ? WHERE product_id = ? AND seq = 4', [uuidBytes(newUuid()), pen]],
    ],
    breaks: { stock_order: [[pen, 4]], order_restock: [cancelled] },
  }),
  'an adjustment that names an order': ({ cup, order }) => ({
    apply: [['UPDATE stock_entries SET order_id = ? WHERE product_id = ? AND seq = 6', [order, cup]]],
    breaks: { stock_order: [[cup, 6]] },
  }),
  'an order whose total differs from its items': ({ order }) => ({
    apply: [['UPDATE orders SET subtotal = 641, total = 641 WHERE id = ?', [order]]],
    breaks: { order_total: [order], order_payment: [order] },
  }),
  'a discount without a coupon': ({ order }) => ({
    apply: [['UPDATE orders SET discount = 1, total = 639 WHERE id = ?', [order]]],
    breaks: { order_payment: [order], order_discount: [order] },
  }),
  'an order whose balance differs from the ledger': ({ order }) => ({
    apply: [['UPDATE orders SET balance_after = 1 WHERE id = ?', [order]]],
    breaks: { order_payment: [order] },
  }),
  "an order whose seq differs from its payment's": ({ ben, order }) => ({
    apply: [['UPDATE orders SET balance_seq = 4 WHERE id = ?', [order]]],
    breaks: { entry_order: [[ben, 3]], order_payment: [order] },
  }),
  'an order with a missing item': ({ pen, order }) => ({
    apply: [['DELETE FROM order_items WHERE order_id = ? AND line = 2', [order]]],
    breaks: { stock_chain: [[pen, 3]], order_total: [order], statistics: [pen] },
  }),
  'an item with a wrong price': ({ pen, order }) => ({
    apply: [['UPDATE order_items SET unit_price = 41 WHERE order_id = ? AND line = 2', [order]]],
    breaks: { order_total: [order], statistics: [pen] },
  }),
  'a missing order whose other rows exist': ({ cup, pen, ben, order }) => ({
    apply: [['DELETE FROM orders WHERE id = ?', [order]]],
    breaks: {
      entry_order: [[ben, 3]],
      stock_order: [
        [cup, 4],
        [pen, 2],
      ],
      event_order: [order],
      statistics: [cup, pen],
    },
  }),
  'an order marked as cancelled without refund and restock': ({ order }) => ({
    apply: [["UPDATE orders SET status = 'CANCELLED', cancelled_at = created_at WHERE id = ?", [order]]],
    breaks: { order_refund: [order], order_restock: [order, order], event_lost: [cancellationOf(order)] },
  }),
  'a cancelled order marked as completed': ({ cup, pen, cancelled }) => ({
    apply: [["UPDATE orders SET status = 'COMPLETED', cancelled_at = NULL WHERE id = ?", [cancelled]]],
    breaks: {
      order_refund: [cancelled],
      order_restock: [cancelled, cancelled],
      event_order: [cancellationOf(cancelled)],
      statistics: [cup, pen],
    },
  }),
  'a missing outbox row': ({ unsent }) => ({
    apply: [['DELETE FROM outbox WHERE event_id = ?', [unsent]]],
    breaks: { event_lost: [unsent] },
  }),
  'a sale missing from the inbox': ({ cup, pen, order }) => ({
    apply: [['DELETE FROM processed_events WHERE event_id = ?', [order]]],
    breaks: { event_lost: [order], statistics: [cup, pen] },
  }),
  'a cancellation missing from the inbox': ({ cup, pen, cancelled }) => ({
    apply: [['DELETE FROM processed_events WHERE event_id = ?', [cancellationOf(cancelled)]]],
    breaks: { event_lost: [cancellationOf(cancelled)], statistics: [cup, pen] },
  }),
  'a counted event without an order': ({ order }) => {
    const stray = uuidBytes(newUuid());
    return {
      apply: [
        [
          'INSERT INTO processed_events SELECT ?, processed_at FROM processed_events WHERE event_id = ?',
          [stray, order],
        ],
      ],
      breaks: { event_order: [stray] },
    };
  },
  'a counted cancellation that did not happen': ({ order }) => ({
    apply: [
      [
        'INSERT INTO processed_events SELECT ?, processed_at FROM processed_events WHERE event_id = ?',
        [cancellationOf(order), order],
      ],
    ],
    breaks: { event_order: [cancellationOf(order)] },
  }),
  'an outbox event without an order': ({ unsent }) => {
    const stray = uuidBytes(newUuid());
    return {
      apply: [
        [
          `INSERT INTO outbox (event_id, type, payload, created_at, claimed_until)
           SELECT ?, type, payload, created_at, claimed_until FROM outbox WHERE event_id = ?`,
          [stray, unsent],
        ],
      ],
      breaks: { event_order: [stray] },
    };
  },
  'one unit too many in the statistics': ({ cup }) => ({
    apply: [['UPDATE product_sales_hourly SET units = units + 1 WHERE product_id = ? LIMIT 1', [cup]]],
    breaks: { statistics: [cup] },
  }),
  'one won too little in the statistics': ({ pen }) => ({
    apply: [['UPDATE product_sales_hourly SET revenue = revenue - 1 WHERE product_id = ? LIMIT 1', [pen]]],
    breaks: { statistics: [pen] },
  }),
  'statistics recorded in the wrong hour': ({ cup }) => ({
    apply: [
      [
        `UPDATE product_sales_hourly SET sales_hour = sales_hour - INTERVAL 1 DAY
         WHERE product_id = ? LIMIT 1`,
        [cup],
      ],
    ],
    breaks: { statistics: [cup, cup] },
  }),
  'statistics of a product without orders': ({ lamp, cup }) => ({
    apply: [
      [
        `INSERT INTO product_sales_hourly SELECT sales_hour + INTERVAL 1 DAY, ?, 1, 900
         FROM product_sales_hourly WHERE product_id = ? LIMIT 1`,
        [lamp, cup],
      ],
    ],
    breaks: { statistics: [lamp] },
  }),
  'statistics without a sold product': ({ pen }) => ({
    apply: [['DELETE FROM product_sales_hourly WHERE product_id = ?', [pen]]],
    breaks: { statistics: [pen] },
  }),
  'a dropped unique key': () => ({
    apply: ['ALTER TABLE orders DROP INDEX orders_key'],
    breaks: { unique_keys: ['orders(idempotency_key,user_id)'] },
    repair: ['ALTER TABLE orders ADD UNIQUE KEY orders_key (idempotency_key, user_id)'],
  }),
};
