import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { demoSaleKeys } from '../../app/demo-sale/demo-sale.ts';
import { shopPaths } from './shop-paths.ts';
import type { StartedThings } from './started-things.ts';

const POLL_MS = 500;

/**
 * Runs the sales that an operator starts in the console, one after another, each in a process of its own.
 * Stops with the shop. Redis away means no sale: it polls on.
 */
export async function serveDemoSales({
  redisUrl,
  env,
  started,
}: {
  readonly redisUrl: string;
  readonly env: NodeJS.ProcessEnv;
  readonly started: StartedThings;
}): Promise<void> {
  const stopping = new AbortController();
  const redis = new Redis(redisUrl, { commandTimeout: 2000, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  const serving = (async () => {
    while (!stopping.signal.aborted) {
      const request = await redis.lpop(demoSaleKeys.requests).catch(() => null);
      if (request === null)
        await delay(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      else await runSale(request, env, stopping.signal);
    }
    redis.disconnect();
  })();
  await started.add({
    name: 'demo sales',
    stopStep: 'api',
    stop: async () => {
      stopping.abort();
      await serving;
    },
  });
}

function runSale(request: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const { id, buyers, units, overS, naive } = JSON.parse(request) as Record<
    string,
    string | number | boolean
  >;
  const program = join(shopPaths.root, 'test/sale/index.ts');
  const args = [`--id=${id}`, `--buyers=${buyers}`, `--units=${units}`, `--over=${overS}`];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args, ...(naive === true ? ['--naive'] : [])], {
      cwd: shopPaths.root,
      env,
      stdio: 'ignore',
    });
    const stop = () => child.kill('SIGINT');
    signal.addEventListener('abort', stop, { once: true });
    child.once('error', () => resolve());
    child.once('exit', () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
