import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { applyStatement } from '../../../app/migrations/apply-statement.ts';
import type { DirectDatabase } from './direct-database.ts';

/**
 * The next release, made from a copy of the app: it needs a column that it writes itself. Two migrations
 * prepare the database, as the rules for deployments demand:
 * - expand, before the new release starts: the old release does not notice it;
 * - contract, after the old release has ended: the old release could not work with it.
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
/** Parts of the project that the release needs. */
const PARTS = ['app', 'lib', 'package.json'];
/** Each text occurs once in its file. */
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

/** Longest wait of the release for its table. A real one waits for two minutes, longer than a run lasts. */
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

/** Alters the table as the app's migrations do. */
export async function alter(database: DirectDatabase, sql: string, patienceMs = PATIENCE_MS): Promise<void> {
  const [connection, watcher] = await Promise.all([database.connect(), database.connect()]);
  try {
    await applyStatement(connection, watcher, sql, { patienceMs });
  } finally {
    for (const each of [connection, watcher]) each.destroy();
  }
}
