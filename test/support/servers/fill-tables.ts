import { createConnection } from 'mysql2/promise';

/**
 * Runs the statements in a database that also has a table `numbers` with n from 0 to `rows` - 1, a power of
 * ten, and checks no foreign keys. The server makes the rows itself: a million of them take seconds.
 */
export async function fillTables(url: string, rows: number, statements: readonly string[]): Promise<void> {
  const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS digit`).join(' UNION ALL ');
  const places = Math.round(Math.log10(rows));
  const number = Array.from({ length: places }, (_, place) => `d${place}.digit * ${10 ** place}`).join(' + ');
  const tables = Array.from({ length: places }, (_, place) => `digits d${place}`).join(' CROSS JOIN ');
  const connection = await createConnection({ uri: url, timezone: 'Z' });
  try {
    for (const sql of [
      'SET SESSION foreign_key_checks = 0',
      "SET SESSION time_zone = '+00:00'",
      'CREATE TABLE digits (digit INT NOT NULL)',
      `INSERT INTO digits ${digits}`,
      'CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY)',
      `INSERT INTO numbers SELECT ${number} FROM ${tables}`,
      ...statements,
      'DROP TABLE numbers, digits',
    ]) {
      await connection.query(sql);
    }
  } finally {
    await connection.end();
  }
}
