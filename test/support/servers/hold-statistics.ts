import { createConnection } from 'mysql2/promise';
import { onCleanup } from '../cleanup.ts';
import type { TestDatabase } from './database.ts';

/**
 * Locks the statistics table from outside the app, so that every query of it waits in the database until
 * `release`.
 */
export async function holdStatistics(database: TestDatabase): Promise<{ release(): Promise<void> }> {
  const connection = await createConnection({ uri: database.url, connectTimeout: 60_000 });
  onCleanup(() => connection.destroy());
  await connection.query('LOCK TABLES product_sales_hourly WRITE');
  return {
    release: async () => {
      await connection.query('UNLOCK TABLES');
      await connection.end();
    },
  };
}
