import type { Damages } from '../../support/servers/corruption.ts';

/**
 * Ways in which chains of the shop in audited-shop.ts can stop adding up. The chain of the cup has seq 1 to
 * 9, of the pen 1 to 4, of the lamp 1; Ann's ledger has 1 to 6, Ben's 1 to 4.
 */
export const chainDamages: Damages = {
  'one unit too many in stock': ({ cup }) => ({
    apply: [['UPDATE product_stock SET quantity = quantity + 1 WHERE product_id = ?', [cup]]],
    breaks: { stock_head: [cup] },
  }),
  'a stock version without a change': ({ lamp }) => ({
    apply: [['UPDATE product_stock SET version = version + 1 WHERE product_id = ?', [lamp]]],
    breaks: { stock_head: [lamp] },
  }),
  'a stock version lower than its latest change': ({ cup }) => ({
    apply: [['UPDATE product_stock SET version = 3 WHERE product_id = ?', [cup]]],
    breaks: { stock_head: [cup] },
  }),
  'a wrong quantity after a sale': ({ cup }) => ({
    apply: [
      ['UPDATE order_items SET stock_after = stock_after + 1 WHERE product_id = ? AND stock_seq = 4', [cup]],
    ],
    breaks: {
      stock_chain: [
        [cup, 4],
        [cup, 5],
      ],
    },
  }),
  'a wrong quantity after the last change': ({ cup }) => ({
    apply: [
      [
        'UPDATE stock_entries SET quantity_after = quantity_after - 1 WHERE product_id = ? AND seq = 9',
        [cup],
      ],
    ],
    breaks: { stock_chain: [[cup, 9]], stock_head: [cup] },
  }),
  'an item with more units than were deducted': ({ cup, order }) => ({
    apply: [['UPDATE order_items SET quantity = 5 WHERE product_id = ? AND stock_seq = 4', [cup]]],
    breaks: { stock_chain: [[cup, 4]], order_total: [order], statistics: [cup] },
  }),
  'an adjustment with a wrong delta': ({ cup }) => ({
    apply: [['UPDATE stock_entries SET delta = -5 WHERE product_id = ? AND seq = 6', [cup]]],
    breaks: { stock_chain: [[cup, 6]] },
  }),
  'a missing adjustment': ({ cup }) => ({
    apply: [['DELETE FROM stock_entries WHERE product_id = ? AND seq = 6', [cup]]],
    breaks: { stock_chain: [[cup, 7]] },
  }),
  'a stock without its opening entry': ({ lamp }) => ({
    apply: [['DELETE FROM stock_entries WHERE product_id = ?', [lamp]]],
    breaks: { stock_head: [lamp] },
  }),
  'a sold stock without its opening entry': ({ pen }) => ({
    apply: [['DELETE FROM stock_entries WHERE product_id = ? AND seq = 1', [pen]]],
    breaks: { stock_chain: [[pen, 2]] },
  }),
  'two changes with one seq': ({ cup }) => ({
    apply: [
      [
        `INSERT INTO stock_entries (product_id, seq, kind, delta, quantity_after, created_at)
         SELECT product_id, 7, 'ADJUSTMENT', 0, 88, created_at FROM stock_entries
         WHERE product_id = ? AND seq = 6`,
        [cup],
      ],
    ],
    breaks: { stock_chain: [[cup, 7]] },
  }),
  'a change with seq 0': ({ lamp }) => ({
    apply: [
      [
        `INSERT INTO stock_entries (product_id, seq, kind, delta, quantity_after, created_at)
         SELECT product_id, 0, 'ADJUSTMENT', 0, 0, created_at FROM stock_entries WHERE product_id = ?`,
        [lamp],
      ],
    ],
    breaks: { stock_chain: [[lamp, 0]] },
  }),
  'changes of a product without a stock': ({ pen }) => ({
    apply: [['DELETE FROM product_stock WHERE product_id = ?', [pen]]],
    breaks: { stock_head: [pen] },
  }),
  'one won too many on a balance': ({ ann }) => ({
    apply: [['UPDATE wallets SET balance = balance + 1 WHERE user_id = ?', [ann]]],
    breaks: { balance_head: [ann] },
  }),
  'a wallet version without an entry': ({ ann }) => ({
    apply: [['UPDATE wallets SET version = 7 WHERE user_id = ?', [ann]]],
    breaks: { balance_head: [ann] },
  }),
  'a wrong balance after an entry': ({ ben }) => ({
    apply: [['UPDATE wallet_entries SET balance_after = 4999 WHERE user_id = ? AND seq = 1', [ben]]],
    breaks: {
      balance_chain: [
        [ben, 1],
        [ben, 2],
      ],
    },
  }),
  'a charge with a wrong amount': ({ ann }) => ({
    apply: [['UPDATE wallet_entries SET amount = 501 WHERE user_id = ? AND seq = 4', [ann]]],
    breaks: { balance_chain: [[ann, 4]] },
  }),
  'a ledger without its charge': ({ ann }) => ({
    apply: [['DELETE FROM wallet_entries WHERE user_id = ? AND seq = 4', [ann]]],
    breaks: { balance_chain: [[ann, 5]] },
  }),
  'a ledger without a wallet': ({ ben }) => ({
    apply: [['DELETE FROM wallets WHERE user_id = ?', [ben]]],
    breaks: { balance_head: [ben] },
  }),
};
