import { expect } from 'chai';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import type { HttpReply } from '../../support/shop/http-client.ts';
import { ledgerFaults } from '../../support/shop/ledger-faults.ts';
import type { TestShop } from '../../support/shop/test-shop.ts';
import { until } from '../../support/until.ts';

/** Quantity by product of the order that the reply shows. */
export function orderedLines(reply: HttpReply): Record<string, number> {
  expect(reply.status, reply.text).to.equal(200);
  const items = reply.body.items as { productId: string; quantity: number }[];
  return Object.fromEntries(items.map(({ productId, quantity }) => [productId, quantity]));
}

/** Checks of the database for a customer who orders from a cart. */
export function cartOrderChecks(shop: TestShop, userId: () => string) {
  const rowsIn = (table: string) =>
    shop.database.value(`SELECT COUNT(*) FROM ${table} WHERE user_id = ?`, [uuidBytes(userId())]);
  return {
    ordersPlaced: () => rowsIn('orders'),
    /** Number of order lines that are not yet removed from the cart. */
    removalsLeft: () => rowsIn('cart_removals'),
    addsUp: () =>
      until('orders and ledger agree', async () => {
        const faults = await ledgerFaults(shop.database);
        if (faults.length > 0) throw new Error(faults.join('\n'));
        return true;
      }),
  };
}
