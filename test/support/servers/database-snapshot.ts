import { expect } from 'chai';
import type { TestDatabase } from './database.ts';

const ROWS_SHOWN = 20;

/** The statements of a snapshot, per database: its tables do not change while they are compared. */
const statements = new WeakMap<TestDatabase, Promise<readonly string[]>>();

/**
 * A checksum of every table. Two snapshots are equal if nothing was written between them, or if one change
 * undid another.
 */
export async function databaseSnapshot(database: TestDatabase): Promise<Record<string, number>> {
  let own = statements.get(database);
  if (own === undefined) statements.set(database, (own = statementsFor(database)));
  const sums: Record<string, number> = {};
  for (const statement of await own) {
    for (const row of await database.read<{ Table: string; Checksum: number }>(statement)) {
      sums[row.Table.replace(/^.*\./, '')] = row.Checksum;
    }
  }
  return sums;
}

/** Fails if a table differs from the snapshot, and shows its rows. */
export async function expectUntouched(
  database: TestDatabase,
  before: Readonly<Record<string, number>>,
  what = 'the database',
): Promise<void> {
  const after = await databaseSnapshot(database);
  const changed: Record<string, unknown> = {};
  for (const table of Object.keys(after).filter((name) => before[name] !== after[name])) {
    changed[table] = await database.read(`SELECT * FROM \`${table}\` LIMIT ${ROWS_SHOWN}`);
  }
  expect(changed, `${what}: tables that changed, with their rows`).to.deep.equal({});
}

/**
 * CHECKSUM TABLE for most. Where a column is virtual, MariaDB 10.11 gives two values for the same rows,
 * depending on the connection (92,112 and 53,418 times of 145,530): there SQL adds up the stored columns.
 */
async function statementsFor(database: TestDatabase): Promise<string[]> {
  const columns = await database.read<{ table: string; name: string; isVirtual: 0 | 1 }>(
    `SELECT table_name AS \`table\`, column_name AS name, extra LIKE '%VIRTUAL%' AS isVirtual
     FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name, ordinal_position`,
  );
  const plain: string[] = [];
  const sums: string[] = [];
  for (const [table, own = []] of Object.entries(Object.groupBy(columns, (column) => column.table))) {
    const stored = own
      .filter(({ isVirtual }) => isVirtual === 0)
      .map(({ name }) => `QUOTE(HEX(\`${name}\`))`);
    if (stored.length === own.length) plain.push(`\`${table}\``);
    else {
      const sum = `COALESCE(SUM(CRC32(CONCAT_WS(',', ${stored.join(', ')}))), 0)`;
      sums.push(`SELECT '${table}' AS \`Table\`, ${sum} AS Checksum FROM \`${table}\``);
    }
  }
  return [`CHECKSUM TABLE ${plain.join(', ')}`, ...sums];
}
