import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { uuidBytes } from '../../../app/platform/uuid.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { TestDatabase } from '../../support/servers/database.ts';
import { until } from '../../support/until.ts';

export interface StockLock {
  release(): Promise<void>;
}

/**
 * Holds the lock of a stock row from outside the app, so that every order of the product waits until
 * `release`.
 */
export async function lockStock(database: TestDatabase, productId: string): Promise<StockLock> {
  const connection = await createConnection({ uri: database.url, connectTimeout: 60_000 });
  onCleanup(() => connection.destroy());
  await connection.query('START TRANSACTION');
  await connection.query<RowDataPacket[]>('SELECT * FROM product_stock WHERE product_id = ? FOR UPDATE', [
    uuidBytes(productId),
  ]);
  return {
    release: async () => {
      await connection.query('ROLLBACK');
      await connection.end();
    },
  };
}

/**
 * Resolves when that many transactions wait for the stock row. The server refreshes its table of transactions
 * every 100 ms.
 */
export async function ordersWait(database: TestDatabase, productId: string, count: number): Promise<void> {
  await until(
    `${count} orders wait for the lock`,
    async () => {
      const waiting = await database.value(
        `SELECT COUNT(*) FROM information_schema.innodb_trx
         WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE ?`,
        [`%${productId.replaceAll('-', '')}%`],
      );
      return waiting === count;
    },
    { intervalMs: 150 },
  );
}
