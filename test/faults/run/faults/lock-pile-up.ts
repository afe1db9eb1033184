import type { Fault } from '../fault.ts';

/**
 * A rival holds what the app writes behind its locks, for longer than a statement waits: a transaction that
 * has written half of what it has to write gets 1205, which takes back that one statement.
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
    // Its locks end with it.
    return { end: async () => connection.destroy() };
  },
};
