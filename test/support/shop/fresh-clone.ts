import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onCleanup } from '../cleanup.ts';

const run = promisify(execFile);
const top = fileURLToPath(new URL('../../../', import.meta.url));
const author = ['-c', 'user.name=rowlock', '-c', 'user.email=rowlock@rowlock.example'];

export interface TreeRepository {
  /** Runs `git clone` with these options. The clone has no packages. */
  clone(dir: string, options?: readonly string[]): Promise<void>;
}

/** A repository with one commit: this tree as it is now, including what `git add --all` would add. */
export async function treeRepository(): Promise<TreeRepository> {
  const dir = temporaryFolder('rowlock-tree-');
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: top,
    maxBuffer: 16 * 1024 * 1024,
  });
  // A file that is deleted but not committed is still listed.
  const files = stdout.split('\0').filter((name) => name !== '' && existsSync(join(top, name)));
  for (const file of files) cpSync(join(top, file), join(dir, file));
  await run('git', ['init', '--quiet'], { cwd: dir });
  await run('git', ['add', '--all'], { cwd: dir });
  await run('git', [...author, 'commit', '--quiet', '--message', 'test: this tree'], { cwd: dir });
  return {
    async clone(target, options = []) {
      await run('git', ['clone', '--quiet', ...options, dir, target]);
    },
  };
}

/** Links this tree's packages into the clone. An installation in the clone would change them here. */
export function lendPackages(dir: string): void {
  symlinkSync(join(top, 'node_modules'), join(dir, 'node_modules'));
}

/** The caller's PATH, without the folders that scripts/bootstrap.sh prepended. */
export function systemPath(): string {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(top))
    .join(delimiter);
}

/** Removed when the test has ended, or after the run when a `before` hook made it. */
export function temporaryFolder(prefix: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  onCleanup(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
