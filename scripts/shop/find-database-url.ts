import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { shopPaths } from './shop-paths.ts';

/**
 * `DATABASE_URL`, else the database of the shop that ./scripts/up is running. Throws when there is neither.
 */
export async function findDatabaseUrl(environment: NodeJS.ProcessEnv): Promise<string> {
  const given = environment.DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  const settings = await readFile(shopPaths.environment, 'utf8').catch(() => undefined);
  const url = settings === undefined ? undefined : parseEnv(settings).DATABASE_URL;
  if (url === undefined) throw new Error('set DATABASE_URL or start ./scripts/up: neither was found');
  return url;
}
