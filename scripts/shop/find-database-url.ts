import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { shopPaths } from './shop-paths.ts';

/** `DATABASE_URL` or, where it is not set, that of the shop that ./scripts/up runs. Throws when there is neither. */
export async function findDatabaseUrl(environment: NodeJS.ProcessEnv): Promise<string> {
  const given = environment.DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  const settings = await readFile(shopPaths.environment, 'utf8').catch(() => undefined);
  const url = settings === undefined ? undefined : parseEnv(settings).DATABASE_URL;
  if (url === undefined) throw new Error('DATABASE_URL is not set, and ./scripts/up does not run');
  return url;
}
