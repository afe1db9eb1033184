import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Release {
  readonly name: string;
  /** Holds app/ and what it needs. */
  readonly dir: string;
  readonly migrations: readonly string[];
}

/** What a process of the app reads from its release. */
const PARTS = ['app', 'lib', 'package.json'];
const GIT_TIMEOUT_MS = 30_000;

/**
 * The smallest release that changes the schema: this one and a column more, on the table that every order writes to.
 * INSTANT, or it would copy the table.
 */
const EXPAND_STEP = {
  file: '9999-rehearsal.sql',
  sql: 'ALTER TABLE orders ADD COLUMN rehearsal TINYINT NULL, ALGORITHM = INSTANT\n',
};

export interface ReleaseOptions {
  readonly name: string;
  /** The project. */
  readonly top: string;
  readonly dir: string;
  /** A commit; the files as they lie there where it is not given. */
  readonly ref?: string | undefined;
  /** With one migration more. */
  readonly expands?: boolean;
}

/** Lays out a release of the app in a folder of its own. The packages are those of the project. */
export async function layOutRelease({ name, top, dir, ref, expands }: ReleaseOptions): Promise<Release> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  if (ref === undefined) {
    for (const part of PARTS) cpSync(join(top, part), join(dir, part), { recursive: true });
  } else {
    const run = promisify(execFile);
    const archive = join(dir, 'release.tar');
    const limits = { cwd: top, timeout: GIT_TIMEOUT_MS };
    await run('git', ['archive', '--output', archive, ref, ...PARTS], limits);
    await run('tar', ['-xf', archive, '-C', dir], limits);
    rmSync(archive);
  }
  symlinkSync(join(top, 'node_modules'), join(dir, 'node_modules'));
  const migrations = join(dir, 'app/migrations');
  if (expands === true) writeFileSync(join(migrations, EXPAND_STEP.file), EXPAND_STEP.sql);
  return { name, dir, migrations: readdirSync(migrations).filter((file) => file.endsWith('.sql')) };
}
