import { createConnection, type Connection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { onThisMachine } from '../../support/on-this-machine.ts';
import type { FaultServer } from './fault-servers.ts';

export const DATABASE_NAME = 'shop';
/**
 * Account of the app's processes, without administrator rights: for an administrator a server is never
 * read-only.
 */
export const appAccount = { user: 'fault_app', password: 'fault-runs-only' } as const;

export type SqlValue = string | number | boolean | Date | Buffer | null | SqlValue[];

/** The runner's own access to the run's database, bypassing all proxies, as administrator. */
export interface DirectDatabase {
  /** URL of the shop's database, for a separate connection. */
  readonly url: string;
  read<R>(sql: string, values?: SqlValue[]): Promise<R[]>;
  write(sql: string, values?: SqlValue[]): Promise<ResultSetHeader>;
  connect(): Promise<Connection>;
}

const CONNECT_TIMEOUT_MS = 2000;
const STATEMENT_TIMEOUT_MS = 8000;

/** One connection per statement: the server may have restarted since the last statement. */
export function directDatabase(server: Pick<FaultServer, 'url'>): DirectDatabase {
  const connect = async (): Promise<Connection> => {
    const connection = await createConnection({
      uri: database.url,
      connectTimeout: onThisMachine(CONNECT_TIMEOUT_MS),
      timezone: 'Z',
      charset: 'utf8mb4_unicode_520_ci',
      supportBigNumbers: true,
      decimalNumbers: true,
    });
    // The pending statement reports the error to its caller; without a listener the event would end the run.
    connection.on('error', () => undefined);
    return connection;
  };
  const run = async <R extends RowDataPacket[] | ResultSetHeader>(sql: string, values: SqlValue[]) => {
    const connection = await connect();
    try {
      return (await connection.query<R>({ sql, values, timeout: STATEMENT_TIMEOUT_MS }))[0];
    } finally {
      connection.destroy();
    }
  };
  const database: DirectDatabase = {
    get url() {
      const url = new URL(server.url);
      url.pathname = `/${DATABASE_NAME}`;
      return url.href;
    },
    connect,
    read: async (sql, values = []) => (await run<RowDataPacket[]>(sql, values)) as never,
    write: (sql, values = []) => run<ResultSetHeader>(sql, values),
  };
  return database;
}
