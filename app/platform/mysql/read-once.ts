import type { ConnectionPool } from './connection-pool.ts';
import { databaseFailure, isTimeout, operational } from './database-errors.ts';
import { formatSql, type SqlValue } from './format-sql.ts';

/** Longest wait for the answer to one statement. A lock wait inside it ends after 1 s. */
export const STATEMENT_TIMEOUT_MS = 3000;
/**
 * Connections that a read may lose before it gives up: all of a default pool, which a server that ends its
 * sessions closes at once, and one more. An unavailable server is noticed when opening the next one.
 */
const READ_ATTEMPTS_MAX = 9;

/**
 * Returns the rows of one SELECT outside a transaction. Throws OperationalError when the database is down or
 * too slow.
 */
export async function readOnce<R>(
  pool: ConnectionPool,
  sql: string,
  values: readonly SqlValue[] = [],
): Promise<R[]> {
  const text = formatSql(sql, values);
  // The server may have just closed several idle connections at once, so a lost connection does not fail the
  // read.
  for (let attempt = 1; ; attempt += 1) {
    const lease = await pool.acquire();
    try {
      const rows = await lease.query<R[]>(text, STATEMENT_TIMEOUT_MS);
      lease.release();
      return rows;
    } catch (error) {
      const lost = databaseFailure(error) === 'connection';
      if (lost) lease.destroy();
      else lease.release();
      if (!lost || isTimeout(error) || attempt >= READ_ATTEMPTS_MAX) throw operational(error);
    }
  }
}
