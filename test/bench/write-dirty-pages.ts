import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';

const WAIT_MAX_MS = 30_000;
const POLL_MS = 200;
const PAGES_LEFT_MAX = 500;

/**
 * Makes the server write its dirty pages now, so that it does not do so during a measurement. Gives up after
 * 30 s.
 */
export async function writeDirtyPages(server: MysqlServer): Promise<void> {
  const connection = await createConnection({ uri: server.url(), connectTimeout: 5000 });
  const valueOf = async (sql: string): Promise<number> => {
    const [[row]] = await connection.query<RowDataPacket[]>(sql);
    return Number(row?.value ?? row?.Value);
  };
  try {
    const usual = await valueOf('SELECT @@innodb_max_dirty_pages_pct AS value');
    await connection.query('SET GLOBAL innodb_max_dirty_pages_pct = 0');
    const deadlineMs = performance.now() + WAIT_MAX_MS;
    while (
      performance.now() < deadlineMs &&
      (await valueOf("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'")) > PAGES_LEFT_MAX
    ) {
      await delay(POLL_MS);
    }
    await connection.query(`SET GLOBAL innodb_max_dirty_pages_pct = ${usual}`);
  } finally {
    connection.destroy();
  }
}
