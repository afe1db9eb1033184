import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type ServerProgram, serverProgram } from './server-program.ts';

const recipes = {
  mysql: { script: 'mysql/mysql-from-debian', origin: 'Debian unstable' },
  redis: { script: 'redis/redis-from-debian', origin: 'Debian 11' },
} as const;
/** The script's own word for "cannot be had on this machine". */
const UNOBTAINABLE = 3;
const TIMEOUT_MS = 300_000;

/**
 * A real MySQL 9 or a Redis 6.0, or the reason why it cannot be had here. Throws when the script itself is broken.
 */
export async function serverFromDebian(
  kind: keyof typeof recipes,
  cacheDir: string,
  log: (line: string) => void,
): Promise<ServerProgram | { readonly unobtainable: string }> {
  const { script, origin } = recipes[kind];
  const child = spawn(join(import.meta.dirname, '..', script), {
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
  if (code !== 0) throw new Error(`localstack/${script} ended with code ${code}: ${lastLine}`);
  return serverProgram({ command: [path.trim()], origin });
}
