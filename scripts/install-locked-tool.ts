import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Installs a tool of npm in the cache, exactly as the lock file in `lockDir` says, unless that is done
 * already. For tools whose dependencies must not meet ours. Returns the path of `program`, which is relative
 * to node_modules.
 */
export function installLockedTool({
  lockDir,
  cacheDir,
  program,
}: {
  readonly lockDir: string;
  readonly cacheDir: string;
  readonly program: string;
}): string {
  const dir = join(cacheDir, basename(lockDir));
  const installed = join(dir, 'node_modules', program);
  const lockText = readFileSync(join(lockDir, 'package-lock.json'), 'utf8');
  const stamp = join(dir, 'installed-lock.json');
  if (existsSync(installed) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lockText)
    return installed;
  mkdirSync(dir, { recursive: true });
  cpSync(lockDir, dir, { recursive: true });
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', options, { cwd: dir, stdio: 'inherit' });
  writeFileSync(stamp, lockText);
  return installed;
}
