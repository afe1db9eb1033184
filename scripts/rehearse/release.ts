import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Release {
  readonly name: string;
  /** Folder with app/ and its dependencies. */
  readonly dir: string;
  readonly migrations: readonly string[];
  /** Settings of its processes besides those of the fleet. */
  readonly env: Readonly<Record<string, string>>;
}

/** Files that an app process reads from its release. */
const PARTS = ['app', 'lib', 'package.json'];
const GIT_TIMEOUT_MS = 30_000;

/**
 * The smallest release with a schema change: this one plus a column on the table that every order writes to.
 * INSTANT, because any other algorithm would copy the table.
 */
const EXPAND_STEP = {
  file: '9999-rehearsal.sql',
  sql: 'ALTER TABLE orders ADD COLUMN rehearsal TINYINT NULL, ALGORITHM = INSTANT\n',
};

export interface ReleaseOptions {
  readonly name: string;
  /** The project's folder. */
  readonly top: string;
  readonly dir: string;
  /** A commit; undefined means the working tree. */
  readonly ref?: string | undefined;
  /** Adds one migration. */
  readonly expands?: boolean;
  /** Changes to its files: each text occurs once. */
  readonly edits?: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}

/** Lays out a release in its own folder, with the project's packages. */
export async function layOutRelease(options: ReleaseOptions): Promise<Release> {
  const { name, top, dir, ref, expands, edits = [] } = options;
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
  for (const { file, find, replace } of edits) {
    const text = readFileSync(join(dir, file), 'utf8');
    if (text.split(find).length !== 2) throw new Error(`${file} does not hold once: ${find}`);
    writeFileSync(join(dir, file), text.replace(find, replace));
  }
  const sql = readdirSync(migrations).filter((file) => file.endsWith('.sql'));
  return { name, dir, migrations: sql, env: {} };
}

/** Whether its consumers read event format 2, in which a message holds many events. */
export function readsFormat2({ dir }: Release): boolean {
  return readFileSync(join(dir, 'app/config/events.ts'), 'utf8').includes('EVENTS_FORMAT');
}

/** The same release while it sends events as releases before format 2 read them. */
export function inFormat1(release: Release): Release {
  return { ...release, name: `${release.name} in format 1`, env: { EVENTS_FORMAT: '1' } };
}
