import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type BundleArch = 'arm64' | 'x64';

const INSTALL_TIMEOUT_MS = 300_000;

/**
 * node_modules for an architecture: this clone's own for the machine's architecture, else a folder that `npm
 * ci` fills from the same lock file, with the same hashes. Rebuilt when the lock file changes.
 */
export function bundlePackages(top: string, arch: BundleArch): string {
  if (process.platform === 'linux' && process.arch === arch) return join(top, 'node_modules');
  const directory = join(top, '.local/bundle', `packages-${arch}`);
  const stamp = join(directory, 'lock-hash');
  const lock = createHash('sha256')
    .update(readFileSync(join(top, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return join(directory, 'node_modules');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    copyFileSync(join(top, file), join(directory, file));
  }
  const target = ['--os=linux', `--cpu=${arch}`, '--libc=glibc'];
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', ...target], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_TIMEOUT_MS,
  });
  writeFileSync(stamp, lock);
  return join(directory, 'node_modules');
}
