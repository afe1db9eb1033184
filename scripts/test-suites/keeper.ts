/**
 * Owns the servers that `./scripts/test --keep` leaves up: `node keeper.ts FOLDER IDLE_MAX_S 'OPTIONS'`. Ends
 * with them on SIGTERM, and once no run has used them for IDLE_MAX_S seconds.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { shopLock } from '../shop/shop-lock.ts';
import { shopPaths } from '../shop/shop-paths.ts';
import { keeperPaths, type KeptServers } from './keeper-paths.ts';
import { parseTestOptions } from './parse-test-options.ts';
import { testServers } from './test-servers.ts';

const POLL_MS = 1000;

const [folder = '', idleMaxS = '', key = ''] = process.argv.slice(2);
if (folder === '' || !(Number(idleMaxS) > 0)) throw new Error('usage: keeper.ts FOLDER IDLE_MAX_S OPTIONS');
const stopping = new AbortController();
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => stopping.abort());

const paths = keeperPaths(folder);
const lock = await shopLock(paths.lock, `${import.meta.filename} ${folder}`);
if ('pid' in lock) console.log(`process ${lock.pid} keeps servers here already`);
else {
  try {
    await keep();
  } finally {
    await lock.release();
  }
}

async function keep(): Promise<void> {
  // Left by a keeper that was killed.
  rmSync(paths.ready, { force: true });
  rmSync(paths.data, { recursive: true, force: true, maxRetries: 3 });
  mkdirSync(paths.data, { recursive: true });
  const options = parseTestOptions(key.split(' '));
  const servers = testServers({
    workDir: mkdtempSync(join(paths.data, 'servers-')),
    cacheDir: shopPaths.cache,
    options,
    log: (line) => console.log(line),
  });
  try {
    const { events } = options;
    const started = await servers.environment({ mysql: 'chosen', aws: 'chosen', events });
    if ('unavailable' in started) {
      console.log(started.unavailable);
      process.exitCode = 1;
      return;
    }
    announce({ key, env: started.env, descriptions: servers.descriptions() });
    await untilIdle();
  } finally {
    rmSync(paths.ready, { force: true });
    await servers.stop();
    rmSync(paths.data, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Written aside first: a reader never sees half of it. */
function announce(kept: KeptServers): void {
  const aside = `${paths.ready}.${process.pid}`;
  writeFileSync(aside, JSON.stringify(kept), { mode: 0o600 });
  renameSync(aside, paths.ready);
}

async function untilIdle(): Promise<void> {
  while (!stopping.signal.aborted && idleS() < Number(idleMaxS))
    await delay(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
}

/** Infinite when the file is gone: no run can find the servers any more. */
function idleS(): number {
  const used = statSync(paths.ready, { throwIfNoEntry: false })?.mtimeMs;
  return used === undefined ? Infinity : (Date.now() - used) / 1000;
}
