import type { Fault } from '../fault.ts';

/**
 * A rival locks rows that the app writes late in a transaction, for longer than a statement waits. A
 * half-finished transaction gets 1205, which rolls back that one statement only.
 */
export const lockPileUp: Fault = {
  name: 'lock-pile-up',
  about:
    'a rival holds the coupons of users and the list of products for longer than a statement waits for them',
  touches: ['mysql'],
  lastsMs: [1100, 1800],
  begin: async ({ database }) => {
    const connection = await database.connect();
    try {
      await connection.query('SET SESSION innodb_lock_wait_timeout = 1');
      await connection.query('START TRANSACTION');
      for (const table of ['product_listing', 'user_coupons']) {
        await connection.query(`SELECT * FROM ${table} FOR UPDATE`).catch(() => undefined);
      }
    } catch (error) {
      connection.destroy();
      throw error;
    }
    // The locks end with the connection.
    return { end: async () => connection.destroy() };
  },
};
