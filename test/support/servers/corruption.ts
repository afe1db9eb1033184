import { createConnection } from 'mysql2/promise';
import type { AuditCheck } from '../../../app/audit/audit-checks.ts';
import type { AuditedShop } from '../shop/audited-shop.ts';
import type { TestDatabase } from './database.ts';

/** Statements and their values; a statement alone needs none. */
export type Damage = readonly (
  | string
  | readonly [sql: string, values: readonly (string | number | Buffer | null)[]]
)[];

export interface Damaged {
  readonly apply: Damage;
  /** Exactly the checks that must fail, each with the id of every row, or with id and seq. */
  readonly breaks: Readonly<
    Partial<Record<AuditCheck, readonly (Buffer | string | readonly [Buffer, number])[]>>
  >;
  /** Repairs damage other than changed rows. */
  readonly repair?: Damage;
}

export type Damages = Readonly<Record<string, (shop: AuditedShop) => Damaged>>;

export interface Corruption {
  /** Changes rows as no application could: foreign keys are not checked. */
  apply(damage: Damage): Promise<void>;
  /** Restores every row as it was when the corruption was opened. */
  undo(): Promise<void>;
  close(): Promise<void>;
}

/** Copies all rows of a database into separate tables, so that a test may corrupt one row after the other. */
export async function openCorruption(database: TestDatabase): Promise<Corruption> {
  const connection = await createConnection({ uri: database.url, timezone: 'Z' });
  await connection.query('SET SESSION foreign_key_checks = 0, unique_checks = 1');
  // Generated columns accept no values.
  const [rows] = await connection.query(
    `SELECT c.table_name AS name, GROUP_CONCAT(c.column_name ORDER BY c.ordinal_position) AS columns_kept
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
       AND COALESCE(c.generation_expression, '') = ''
     GROUP BY c.table_name`,
  );
  const tables = rows as { name: string; columns_kept: string }[];
  const kept = `${database.name}_kept`;
  await connection.query(`CREATE DATABASE ${kept}`);
  for (const { name, columns_kept: columns } of tables) {
    await connection.query(`CREATE TABLE ${kept}.${name} AS SELECT ${columns} FROM ${name}`);
  }
  return {
    async apply(damage) {
      for (const step of damage) {
        const [sql, values] = typeof step === 'string' ? [step, []] : step;
        const [result] = await connection.query(sql, [...values]);
        const { affectedRows } = result as { affectedRows?: number };
        // A missing row would make the test pass for another reason.
        if (/^(UPDATE|DELETE|INSERT)/.test(sql) && affectedRows === 0) throw new Error(`no row: ${sql}`);
      }
    },
    async undo() {
      for (const { name, columns_kept: columns } of tables) {
        await connection.query(`DELETE FROM ${name}`);
        await connection.query(`INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${kept}.${name}`);
      }
    },
    async close() {
      await connection.query(`DROP DATABASE ${kept}`);
      await connection.end();
    },
  };
}
