import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { shopPaths } from './shop-paths.ts';

/** The settings of the shop that ./scripts/up is running; undefined if there is none. */
async function readSettings(): Promise<NodeJS.Dict<string> | undefined> {
  const text = await readFile(shopPaths.environment, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseEnv(text);
}

/** The address of the shop that ./scripts/up is running; undefined if there is none. */
export async function findShopUrl(): Promise<string | undefined> {
  const settings = await readSettings();
  return settings && `http://${settings.HTTP_HOST || '127.0.0.1'}:${settings.HTTP_PORT}`;
}

/**
 * `DATABASE_URL`, else the database of the shop that ./scripts/up is running. Throws when there is neither.
 */
export async function findDatabaseUrl(environment: NodeJS.ProcessEnv): Promise<string> {
  const given = environment.DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  const url = (await readSettings())?.DATABASE_URL;
  if (url === undefined) throw new Error('set DATABASE_URL or start ./scripts/up: neither was found');
  return url;
}
