import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, readPidFile, stopLeftover } from '../../localstack/processes/stop-leftover.ts';
import { checkGivenServers } from '../shop/check-given-servers.ts';
import { keeperPaths, type KeptServers } from './keeper-paths.ts';
import { testServers, type TestServers, type TestServersOptions } from './test-servers.ts';

const keeper = join(import.meta.dirname, 'keeper.ts');
const IDLE_MAX_S = 3600;
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
const TOUCH_INTERVAL_MS = 30_000;

export interface KeptServersOptions extends TestServersOptions {
  /** Folder of the servers and of what is known about them. */
  readonly folder: string;
}

/**
 * Servers that outlive the run. Reuses those of an earlier run if they respond and are of the chosen kinds.
 * Otherwise starts kept ones if `options.keep` is set, or throwaway ones. A keeper process owns the kept
 * servers, so they always end with it.
 */
export function keptServers(settings: KeptServersOptions): TestServers {
  const throwaway = testServers(settings);
  const paths = keeperPaths(settings.folder);
  let finding: Promise<KeptServers | undefined> | undefined;
  let touching: NodeJS.Timeout | undefined;
  let found: KeptServers | undefined;

  async function find(): Promise<KeptServers | undefined> {
    found = await findOrStart(settings);
    if (found === undefined) return undefined;
    touching = setInterval(() => void touch(paths.ready), TOUCH_INTERVAL_MS);
    await touch(paths.ready);
    return found;
  }

  return {
    async environment(wanted) {
      const isOfKeeper = wanted.events === settings.options.events;
      if (wanted.mysql === 'debian' || wanted.aws === 'localstack' || !isOfKeeper)
        return throwaway.environment(wanted);
      try {
        finding ??= find();
        const kept = await finding;
        return kept === undefined ? await throwaway.environment(wanted) : { env: kept.env };
      } catch (error) {
        return { unavailable: error instanceof Error ? error.message : String(error), isBroken: true };
      }
    },
    descriptions: () => [...(found?.descriptions ?? []), ...throwaway.descriptions()],
    async stop() {
      clearInterval(touching);
      if (found !== undefined) await touch(paths.ready);
      await throwaway.stop();
    },
  };
}

/** Stops kept servers and returns the process id of their keeper; undefined when there were none. */
export async function stopKeptServers(folder: string): Promise<number | undefined> {
  return stopLeftover(keeperPaths(folder).lock, STOP_TIMEOUT_MS);
}

async function findOrStart(settings: KeptServersOptions): Promise<KeptServers | undefined> {
  const { folder, log, options } = settings;
  const key = keyOf(settings);
  const known = await readKept(folder);
  if (known !== undefined && known.key === key) {
    const problem = await problemOf(known);
    if (problem === undefined) return known;
    log(`kept servers are replaced: ${problem}`);
  } else if (known !== undefined && options.keep) log('kept servers of other kinds are replaced');
  if (!options.keep) return undefined;
  if (known !== undefined) await stopKeptServers(folder);
  return start(settings, key);
}

async function start({ folder, log }: KeptServersOptions, key: string): Promise<KeptServers> {
  const paths = keeperPaths(folder);
  mkdirSync(folder, { recursive: true });
  const output = openSync(paths.log, 'w');
  const child = spawn(process.execPath, [keeper, folder, `${IDLE_MAX_S}`, key], {
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  let hasEnded = false;
  child.once('exit', () => {
    hasEnded = true;
  });
  child.once('error', () => {
    hasEnded = true;
  });
  child.unref();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const known = await readKept(folder);
    if (known !== undefined && known.key === key) {
      for (const description of known.descriptions) log(description);
      log('these servers stay up for the next run: ./scripts/test --stop ends them');
      return known;
    }
    if (hasEnded && !(await isKeeperRunning(folder))) break;
    await delay(POLL_MS);
  }
  throw new Error(`the servers to be kept did not start:\n${(await readFile(paths.log, 'utf8')).trimEnd()}`);
}

/** What a running keeper has written; undefined when there is none or it still starts. */
async function readKept(folder: string): Promise<KeptServers | undefined> {
  const text = await readFile(keeperPaths(folder).ready, 'utf8').catch(() => undefined);
  if (text === undefined || !(await isKeeperRunning(folder))) return undefined;
  return JSON.parse(text) as KeptServers;
}

async function isKeeperRunning(folder: string): Promise<boolean> {
  const holder = await readPidFile(keeperPaths(folder).lock);
  return holder !== undefined && (await isRunning(holder.pid, holder.marker));
}

async function problemOf({ env }: KeptServers): Promise<string | undefined> {
  return checkGivenServers({
    DATABASE_URL: env.TEST_MYSQL_URL,
    REDIS_STATE_URL: env.TEST_REDIS_URL,
    AWS_ENDPOINT_URL: env.TEST_AWS_ENDPOINT_URL,
  }).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** The options that decide which servers run, as the keeper reads them. */
function keyOf({ options }: KeptServersOptions): string {
  const mysql = typeof options.mysql === 'object' ? options.mysql.url : options.mysql;
  const chosenMysql = mysql === 'local' ? [] : [`--mysql=${mysql}`];
  return [...chosenMysql, `--redis=${options.redis}`, `--events=${options.events}`].join(' ');
}

/** Tells the keeper that the servers are in use. */
async function touch(file: string): Promise<void> {
  const now = new Date();
  // --stop may have removed it meanwhile.
  await utimes(file, now, now).catch(() => undefined);
}
