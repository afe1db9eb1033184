import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { applyStatement } from '../../../app/migrations/apply-statement.ts';
import type { DirectDatabase } from './direct-database.ts';

/**
 * The release after this one, made of a copy of the app: it needs a column that it writes itself. A pair of
 * migrations takes the database there, as the rules for deployments have it: one that the old release does
 * not notice (expand), before the new one starts, and one that the old one could not live with (contract),
 * once none of it is left.
 */
export interface NewerRelease {
  /** Its entry point. */
  readonly main: string;
  expand(database: DirectDatabase): Promise<void>;
  contract(database: DirectDatabase): Promise<void>;
}

const NAME = '9001-fault-run-channel.sql';
const EXPAND = `ALTER TABLE orders ADD COLUMN channel VARCHAR(16) NOT NULL DEFAULT 'before'`;
const CONTRACT = 'ALTER TABLE orders ALTER COLUMN channel DROP DEFAULT';
/** What the release needs of the project. */
const PARTS = ['app', 'lib', 'package.json'];
/** Each of them once in its file. */
const EDITS = [
  [
    'app/orders/order-sql.ts',
    'idempotency_key, request_hash, created_at) VALUES ?`',
    'idempotency_key, request_hash, created_at, channel) VALUES ?`',
  ],
  [
    'app/orders/order-sql.ts',
    `        order.requestHash,
        order.createdAt,
`,
    `        order.requestHash,
        order.createdAt,
        'web',
`,
  ],
] as const;

/** Longest time for which the release waits for its table, as its own migration does. */
const PATIENCE_MS = 20_000;

export function newerRelease(appDir: string, dir: string): NewerRelease {
  mkdirSync(dir);
  for (const part of PARTS) cpSync(join(appDir, part), join(dir, part), { recursive: true });
  symlinkSync(join(appDir, 'node_modules'), join(dir, 'node_modules'));
  for (const [file, before, after] of EDITS) {
    const text = readFileSync(join(dir, file), 'utf8');
    if (text.split(before).length !== 2) throw new Error(`${file} does not hold once: ${before}`);
    writeFileSync(join(dir, file), text.replace(before, after));
  }
  writeFileSync(join(dir, 'app/migrations', NAME), EXPAND);
  const sha256 = createHash('sha256').update(EXPAND).digest('hex');
  return {
    main: join(dir, 'app/main.ts'),
    expand: async (database) => {
      await alter(database, EXPAND);
      await database.write(
        'INSERT INTO schema_migrations (name, sha256, applied_at) VALUES (?, ?, UTC_TIMESTAMP(3))',
        [NAME, sha256],
      );
    },
    contract: (database) => alter(database, CONTRACT),
  };
}

/** As the app's own migrations are applied. */
export async function alter(database: DirectDatabase, sql: string, patienceMs = PATIENCE_MS): Promise<void> {
  const [connection, watcher] = await Promise.all([database.connect(), database.connect()]);
  try {
    await applyStatement(connection, watcher, sql, { patienceMs });
  } finally {
    for (const each of [connection, watcher]) each.destroy();
  }
}
