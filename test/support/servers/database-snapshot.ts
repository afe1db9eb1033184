import type { TestDatabase } from './database.ts';

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
