import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type ServerProgram, serverProgram } from '../servers/server-program.ts';

const recipe = join(import.meta.dirname, '../mysql-from-debian');
/** The script's own word for "cannot be had on this machine". */
const UNOBTAINABLE = 3;
const TIMEOUT_MS = 300_000;

/** A real MySQL server, or the reason why it cannot be had here. Throws when the recipe itself is broken. */
export async function mysqlFromDebian(
  cacheDir: string,
  log: (line: string) => void,
): Promise<ServerProgram | { readonly unobtainable: string }> {
  const child = spawn(recipe, {
    env: { ...process.env, ROWLOCK_CACHE_DIR: cacheDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
  });
  let path = '';
  let lastLine = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    path += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trimEnd().split('\n')) {
      lastLine = line;
      log(line);
    }
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === UNOBTAINABLE) return { unobtainable: lastLine };
  if (code !== 0) throw new Error(`scripts/mysql-from-debian ended with code ${code}: ${lastLine}`);
  return serverProgram({ command: [path.trim()], origin: 'Debian unstable' });
}
