import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { databaseFailure } from '../platform/mysql/database-errors.ts';
import { type ApplyOptions, applyStatement } from './apply-statement.ts';

/** Default time for a table that stays in use. */
const PATIENCE_MS = 120_000;
/** Longest wait for another process that migrates, which may use all of PATIENCE_MS. */
const LOCK_WAIT_S = 140;
const LOCK_NAME = 'rowlock_migrations';

const HISTORY = `CREATE TABLE IF NOT EXISTS schema_migrations (
  name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  applied_at DATETIME(3) NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB`;

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** Lists the migrations of this release by number. Each file holds one statement. */
export async function listMigrations(): Promise<Migration[]> {
  const directory = new URL('./', import.meta.url);
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, directory), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

export interface MigrateOptions extends Partial<Pick<ApplyOptions, 'patienceMs'>> {
  /** Called each time that a migration found its table in use and let go of it. */
  readonly onBusy?: (name: string, attempt: number) => void;
  /** Defaults to the migrations of this release. */
  readonly migrations?: readonly Migration[];
}

/**
 * Migrates the database to this release and returns the names of the applied migrations. One process migrates
 * at a time (GET_LOCK). A DDL statement commits implicitly, so a file holds one statement and is recorded
 * after it has run. A process that dies in between leaves it unrecorded, so every statement may run twice:
 * see apply-statement.ts, which also keeps it from blocking users of the table.
 *
 * Throws when an applied file has been changed, when a table stays in use for two minutes (that statement
 * changed nothing, and the shop has gone on), and when another process still migrates after 140 s.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const [connection, watcher] = await connectTwice(databaseUrl);
  try {
    const [[lock]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS held', [
      LOCK_NAME,
      LOCK_WAIT_S,
    ]);
    if (lock?.held !== 1)
      throw new Error(
        `another process has been migrating for ${LOCK_WAIT_S} s: wait until it ends, then migrate again`,
      );
    return await applyMissing(connection, watcher, options);
  } finally {
    // Closing the connection releases the lock.
    await Promise.all([connection.end(), watcher.end()]);
  }
}

async function connectTwice(uri: string): Promise<[Connection, Connection]> {
  const connect = () => createConnection({ uri, connectTimeout: 5000, timezone: 'Z' });
  const connection = await connect();
  try {
    return [connection, await connect()];
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

async function applyMissing(
  connection: Connection,
  watcher: Connection,
  { migrations, patienceMs = PATIENCE_MS, onBusy }: MigrateOptions,
): Promise<string[]> {
  await connection.query(HISTORY);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT name, sha256 FROM schema_migrations');
  const applied = new Map(rows.map((row) => [row.name as string, row.sha256 as string]));
  const names: string[] = [];
  for (const { name, sql, sha256 } of migrations ?? (await listMigrations())) {
    const known = applied.get(name);
    if (known === sha256) continue;
    if (known !== undefined)
      throw new Error(
        `migration ${name} was changed after it had been applied: restore the file, ` +
          'and put the change into a new migration',
      );
    try {
      await applyStatement(connection, watcher, sql, {
        patienceMs,
        onBusy: (attempt) => onBusy?.(name, attempt),
      });
    } catch (error) {
      // Passed on as it is: the caller may try again.
      if (databaseFailure(error) === 'connection') throw error;
      throw new Error(`migration ${name} was not applied: ${(error as Error).message}`, { cause: error });
    }
    await connection.query(
      'INSERT INTO schema_migrations (name, sha256, applied_at) VALUES (?, ?, UTC_TIMESTAMP(3))',
      [name, sha256],
    );
    names.push(name);
  }
  return names;
}

/** Returns true when every migration of this release has been applied. */
export async function isMigrated(
  read: (sql: string) => Promise<{ name: string; sha256: string }[]>,
): Promise<boolean> {
  const applied = new Map(
    (await read('SELECT name, sha256 FROM schema_migrations')).map((row) => [row.name, row.sha256]),
  );
  return (await listMigrations()).every(({ name, sha256 }) => applied.get(name) === sha256);
}
