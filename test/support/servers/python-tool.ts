import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { skipWithout } from '../skip-without.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';

const run = promisify(execFile);
const cacheDir = shopPaths.cache;
const INSTALL_TIMEOUT_MS = 300_000;

/** Longest time that a `before` hook with pythonTool may need. */
export const pythonToolTimeoutMs = INSTALL_TIMEOUT_MS + 60_000;

/**
 * The interpreter of a virtual environment with one package of PyPI, such as `moto[server]==5.2.5`; created
 * once in the cache. Call it in a before hook: skips the tests if Python or the package is unavailable.
 */
export async function pythonTool(requirement: string, hook: Mocha.Context): Promise<string> {
  const target = join(cacheDir, `python-${requirement.replaceAll(/[^a-z0-9.]+/g, '-')}`);
  const python = join(target, 'bin/python');
  if (existsSync(python)) return python;
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(`${target}-`);
  try {
    await run('python3', ['-m', 'venv', work], { timeout: INSTALL_TIMEOUT_MS });
    await run(
      join(work, 'bin/python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement],
      { timeout: INSTALL_TIMEOUT_MS },
    );
    // Another run may have been faster. Only bin/python is used, which may be moved.
    await rename(work, target).catch((error: unknown) => {
      if (!existsSync(python)) throw error;
    });
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    skipWithout(`${requirement} from PyPI: ${line}`, hook);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return python;
}
