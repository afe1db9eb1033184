import { createConnection, type RowDataPacket } from 'mysql2/promise';

/** Rows of a SELECT; BINARY(16) as the text of a UUID, DATETIME as ms since 1970. */
export type SnapshotRead = <R>(sql: string) => Promise<R[]>;

/** A run's database has some thousand rows; a database under faults may not answer at all. */
const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Runs `work` on one consistent snapshot of the database, on a dedicated connection that is closed
 * afterwards. Uses no code of the app: an error in that code must not affect the checker as well.
 */
export async function snapshotRows<T>(
  databaseUrl: string,
  work: (read: SnapshotRead) => Promise<T>,
): Promise<T> {
  const connection = await createConnection({
    uri: databaseUrl,
    connectTimeout: 5000,
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
  });
  // The pending statement reports the error to its caller; without a listener the event would end the
  // process.
  connection.on('error', () => undefined);
  try {
    await connection.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    return await work(async (sql) => {
      const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: STATEMENT_TIMEOUT_MS });
      return rows.map((row) => plainRow(row)) as never;
    });
  } finally {
    connection.destroy();
  }
}

function plainRow(row: RowDataPacket): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return uuidText(value);
  return value instanceof Date ? value.getTime() : value;
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
