import { expect } from 'chai';
import type { TestDatabase } from './database.ts';

const ROWS_SHOWN = 20;

/**
 * A checksum of every table. Two snapshots are equal if nothing was written between them, or if one change
 * undid another.
 */
export async function databaseSnapshot(database: TestDatabase): Promise<Record<string, number>> {
  const tables = await database.read<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const names = tables.map(({ name }) => `\`${name}\``).join(', ');
  const rows = await database.read<{ Table: string; Checksum: number }>(`CHECKSUM TABLE ${names}`);
  return Object.fromEntries(rows.map(({ Table, Checksum }) => [Table.replace(/^.*\./, ''), Checksum]));
}

/**
 * Fails if a table differs from the snapshot, and shows its rows. A difference must last: on a busy machine a
 * checksum differed once for a table that no statement had written to.
 */
export async function expectUntouched(
  database: TestDatabase,
  before: Readonly<Record<string, number>>,
  what = 'the database',
): Promise<void> {
  const differing = async () =>
    Object.entries(await databaseSnapshot(database)).filter(([table, sum]) => before[table] !== sum);
  if ((await differing()).length === 0) return;
  const changed: Record<string, unknown> = {};
  for (const [table] of await differing()) {
    changed[table] = await database.read(`SELECT * FROM \`${table}\` LIMIT ${ROWS_SHOWN}`);
  }
  expect(changed, `${what}: tables that changed, with their rows`).to.deep.equal({});
}
