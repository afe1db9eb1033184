import { randomBytes } from 'node:crypto';
import {
  createConnection,
  createPool,
  type Pool,
  type ResultSetHeader,
  type RowDataPacket,
} from 'mysql2/promise';
import { migrate } from '../../../app/migrations/migrate.ts';
import { onCleanup } from '../cleanup.ts';
import { testEnvironment } from '../environment.ts';

/** An array expands to a list, for IN and for VALUES. */
type SqlValue = string | number | bigint | boolean | Date | Buffer | null | SqlValue[];

export interface TestDatabase {
  readonly name: string;
  /** Value for DATABASE_URL. */
  readonly url: string;
  /** Rows of a SELECT; BIGINT as number, BINARY as Buffer, SUM as number. */
  read<R>(sql: string, values?: SqlValue[]): Promise<R[]>;
  write(sql: string, values?: SqlValue[]): Promise<ResultSetHeader>;
  /** The first column of the first row. Throws when there is no row. */
  value<V = number>(sql: string, values?: SqlValue[]): Promise<V>;
  /** Empties every table except the history of migrations: a clean start in 10 ms, without a new database. */
  clear(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * A separate database, migrated to this release, for one test file. The migrations run once per process;
 * later databases are created from the resulting statements.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = newName();
  const schema = await migratedSchema();
  const url = urlOf(name);
  await administer(async (query) => {
    await query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci`);
    await query(`USE ${name}`);
    // The tables are in alphabetical order, so a key may point at a table that does not exist yet.
    await query('SET SESSION foreign_key_checks = 0');
    for (const statement of schema.statements) await query(statement);
    if (schema.history.length > 0) {
      await query('INSERT INTO schema_migrations (name, sha256, applied_at) VALUES ?', [schema.history]);
    }
  });
  return openTestDatabase(name, url);
}

/** An empty database, without any table, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = newName();
  await administer((query) =>
    query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci`),
  );
  return openTestDatabase(name, urlOf(name));
}

function openTestDatabase(name: string, url: string): TestDatabase {
  const pool = createPool({
    uri: url,
    connectionLimit: 4,
    connectTimeout: 60_000,
    charset: 'utf8mb4_unicode_520_ci',
    timezone: 'Z',
    supportBigNumbers: true,
    decimalNumbers: true,
  });
  let dropped: Promise<void> | undefined;
  const database: TestDatabase = {
    name,
    url,
    read: async (sql, values = []) => (await pool.query<RowDataPacket[]>(sql, values))[0] as never,
    write: async (sql, values = []) => (await pool.query<ResultSetHeader>(sql, values))[0],
    async value(sql, values = []) {
      const [rows] = await pool.query<RowDataPacket[]>(sql, values);
      if (rows[0] === undefined) throw new Error(`no row for: ${sql}`);
      return Object.values(rows[0])[0] as never;
    },
    clear: () => clear(pool),
    drop: () => (dropped ??= drop(pool, name)),
  };
  onCleanup(() => database.drop());
  return database;
}

async function clear(pool: Pool): Promise<void> {
  const connection = await pool.getConnection();
  try {
    await connection.query('SET SESSION foreign_key_checks = 0');
    for (const table of await tableNames((sql) => connection.query<RowDataPacket[]>(sql))) {
      if (table !== 'schema_migrations') await connection.query(`DELETE FROM \`${table}\``);
    }
    await connection.query('SET SESSION foreign_key_checks = 1');
  } finally {
    connection.release();
  }
}

async function drop(pool: Pool, name: string): Promise<void> {
  await pool.end();
  await administer(async (query) => {
    // A process with an open transaction must not block the suite.
    await query('SET SESSION lock_wait_timeout = 10');
    await query(`DROP DATABASE IF EXISTS ${name}`);
  });
}

interface MigratedSchema {
  readonly statements: readonly string[];
  readonly history: SqlValue[][];
}

let schemaOfThisRelease: Promise<MigratedSchema> | undefined;

function migratedSchema(): Promise<MigratedSchema> {
  schemaOfThisRelease ??= readMigratedSchema();
  return schemaOfThisRelease;
}

async function readMigratedSchema(): Promise<MigratedSchema> {
  const name = newName();
  return administer(async (query) => {
    await query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci`);
    await migrate(urlOf(name));
    await query(`USE ${name}`);
    const statements: string[] = [];
    for (const table of await tableNames(query)) {
      const [rows] = await query(`SHOW CREATE TABLE \`${table}\``);
      statements.push(String(rows[0]?.['Create Table']));
    }
    const [history] = await query('SELECT name, sha256, applied_at FROM schema_migrations');
    await query(`DROP DATABASE ${name}`);
    return { statements, history: history.map((row) => [row.name, row.sha256, row.applied_at]) };
  });
}

type Query = (sql: string, values?: SqlValue[]) => Promise<[RowDataPacket[], unknown]>;

async function tableNames(query: Query): Promise<string[]> {
  const [rows] = await query("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'");
  return rows.map((row) => String(Object.values(row)[0]));
}

async function administer<T>(work: (query: Query) => Promise<T>): Promise<T> {
  const connection = await createConnection({
    uri: testEnvironment().mysqlUrl,
    connectTimeout: 60_000,
    timezone: 'Z',
  });
  try {
    return await work((sql, values) => connection.query<RowDataPacket[]>(sql, values));
  } finally {
    await connection.end();
  }
}

function newName(): string {
  return `t_${randomBytes(6).toString('hex')}`;
}

function urlOf(name: string): string {
  const url = new URL(testEnvironment().mysqlUrl);
  url.pathname = `/${name}`;
  return url.href;
}
