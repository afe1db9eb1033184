import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';

/** Longest wait for another process that is migrating, in seconds. */
const LOCK_WAIT_S = 60;
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

/** What ADD COLUMN says of a column that is there: MySQL has no IF NOT EXISTS for it. */
const DUPLICATE_COLUMN = 1060;

/** The migrations of this release, in the order of their numbers. Each file holds one statement. */
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

/**
 * Brings the database up to this release and returns the names that were applied. One process migrates at a
 * time (GET_LOCK). A statement of DDL commits by itself, so a file holds one statement and is recorded after
 * it has run; a process that dies in between leaves it unrecorded, so every statement may run twice (IF NOT
 * EXISTS and the like; a column that is there already counts as added). Throws when an applied file has been changed since, or when the lock is not free in 60 s.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const connection = await createConnection({ uri: databaseUrl, connectTimeout: 5000, timezone: 'Z' });
  try {
    const [[lock]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS held', [
      LOCK_NAME,
      LOCK_WAIT_S,
    ]);
    if (lock?.held !== 1) throw new Error(`another migration has held its lock for ${LOCK_WAIT_S} s`);
    return await applyMissing(connection);
  } finally {
    // Closing the connection frees the lock.
    await connection.end();
  }
}

async function applyMissing(connection: Connection): Promise<string[]> {
  await connection.query(HISTORY);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT name, sha256 FROM schema_migrations');
  const applied = new Map(rows.map((row) => [row.name as string, row.sha256 as string]));
  const names: string[] = [];
  for (const { name, sql, sha256 } of await listMigrations()) {
    const known = applied.get(name);
    if (known === sha256) continue;
    if (known !== undefined) throw new Error(`migration ${name} was changed after it had been applied`);
    await connection.query(sql).catch((error: { errno?: unknown }) => {
      if (error.errno !== DUPLICATE_COLUMN) throw error;
    });
    await connection.query(
      'INSERT INTO schema_migrations (name, sha256, applied_at) VALUES (?, ?, UTC_TIMESTAMP(3))',
      [name, sha256],
    );
    names.push(name);
  }
  return names;
}

/** True when every migration of this release has been applied. */
export async function isMigrated(
  read: (sql: string) => Promise<{ name: string; sha256: string }[]>,
): Promise<boolean> {
  const applied = new Map(
    (await read('SELECT name, sha256 FROM schema_migrations')).map((row) => [row.name, row.sha256]),
  );
  return (await listMigrations()).every(({ name, sha256 }) => applied.get(name) === sha256);
}
