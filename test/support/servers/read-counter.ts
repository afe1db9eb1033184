import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { formatSql, type SqlValue } from '../../../app/platform/mysql/format-sql.ts';

export interface CountedStatement {
  readonly sql: string;
  /** Rows of tables and temporary tables that the server has read for the statement (Handler_read_*). */
  readonly rowsRead: number;
}

export interface ReadCounter {
  /** For `Pick<Database, 'readReplica'>`. */
  readReplica<R>(sql: string, values?: readonly SqlValue[]): Promise<R[]>;
  /** Returns the statements since the last call. */
  take(): CountedStatement[];
  /** EXPLAIN in the old format on both servers; MySQL 9 would draw a tree. */
  explain(sql: string): Promise<{ table: string | null; type: string | null; key: string | null }[]>;
  close(): Promise<void>;
}

/**
 * Reads on its own connection and counts the rows that each statement makes the server read, as differences:
 * on MySQL, FLUSH STATUS resets the counts of every session, so parallel counters would disturb each other.
 */
export async function openReadCounter(url: string): Promise<ReadCounter> {
  const connection: Connection = await createConnection({
    uri: url,
    charset: 'utf8mb4_unicode_520_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
  });
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  const statements: CountedStatement[] = [];
  const rowsOf = async (sql: string) => (await connection.query<RowDataPacket[]>(sql))[0];
  const readSoFar = async (): Promise<number> => {
    const counts = await rowsOf("SHOW SESSION STATUS LIKE 'Handler_read%'");
    return counts.reduce((sum, { Value }) => sum + Number(Value), 0);
  };
  await readSoFar();
  const before = await readSoFar();
  /** Looking reads rows as well. */
  const readByLooking = (await readSoFar()) - before;
  return {
    async readReplica(sql, values = []) {
      const text = formatSql(sql, values);
      const start = await readSoFar();
      const rows = await rowsOf(text);
      statements.push({ sql: text, rowsRead: (await readSoFar()) - start - readByLooking });
      return rows as never;
    },
    take: () => statements.splice(0),
    explain: async (sql) =>
      (await rowsOf(`EXPLAIN FORMAT=TRADITIONAL ${sql}`)).map(({ table, type, key }) => ({
        table,
        type,
        key,
      })),
    close: () => connection.end(),
  };
}
