import { uuidBytes } from '../../../../app/platform/uuid.ts';
import type { DirectDatabase } from '../direct-database.ts';
import type { Fault } from '../fault.ts';

const RIVALS = 2;
const LAST = ['user_coupons', 'outbox', 'product_listing'];
/** Usually short; sometimes longer than a lock wait lasts. */
const HOLD_S = [0.05, 0.05, 0.05, 1.3];

/** A rival that takes the rows of the app in the other order: wallets before stocks, the last id first. */
export const deadlockStorm: Fault = {
  name: 'deadlock-storm',
  about: 'two rivals repeatedly lock wallets and then stocks, in descending order',
  touches: ['mysql'],
  lastsMs: [600, 1500],
  begin: async ({ database, shop }) => {
    const storm = { isOver: false };
    const users = shop.customers.map(({ userId }) => userId).toSorted((a, b) => (a < b ? 1 : -1));
    const products = shop.productIds.toSorted((a, b) => (a < b ? 1 : -1));
    const rivals = Array.from({ length: RIVALS }, () => rage(database, { users, products, storm }));
    return {
      end: async () => {
        storm.isOver = true;
        await Promise.all(rivals);
      },
    };
  },
};

async function rage(
  database: DirectDatabase,
  { users, products, storm }: { users: string[]; products: string[]; storm: { isOver: boolean } },
): Promise<void> {
  const connection = await database.connect();
  try {
    await connection.query('SET SESSION innodb_lock_wait_timeout = 1');
    for (let turn = 0; !storm.isOver; turn += 1) {
      try {
        await connection.query('START TRANSACTION');
        for (const id of users)
          await connection.query('SELECT balance FROM wallets WHERE user_id = ? FOR UPDATE', [uuidBytes(id)]);
        for (const id of products) {
          await connection.query('SELECT quantity FROM product_stock WHERE product_id = ? FOR UPDATE', [
            uuidBytes(id),
          ]);
        }
        // Also locks the rows that a transaction writes last, for longer than any lock wait.
        for (const table of LAST) await connection.query(`SELECT 1 FROM ${table} LIMIT 20 FOR UPDATE`);
        await connection.query('DO SLEEP(?)', [HOLD_S[turn % HOLD_S.length]]);
        await connection.query('ROLLBACK');
      } catch {
        // The rival was the victim of a deadlock, which is its purpose.
        await connection.query('ROLLBACK');
      }
    }
  } finally {
    connection.destroy();
  }
}
