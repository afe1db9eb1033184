import { pause } from '../../../../app/platform/load/pause.ts';
import { onThisMachine } from '../../../support/on-this-machine.ts';
import type { Fault, FaultWorld } from '../fault.ts';
import { type ApiName, apiNames } from '../fault-fleet.ts';

/** Longer than a process answers from its own copy. */
const COPY_IS_OLD_MS = 61_000;
const VISITORS = 40;
const PATIENCE_MS = 5000;
const AGAIN_AFTER_MS = 200;

/** Expires all copies of the popular list at once, in Redis and in the processes. */
async function expirePopular(world: FaultWorld, clockMs: number): Promise<void> {
  const keys = await world.redis().keys('popular*');
  if (keys.length > 0) await world.redis().del(...keys);
  for (const name of apiNames) world.fleet[name].setClock(clockMs);
}

/**
 * The last status that each visitor got. A busy machine may need longer for a new connection to the database
 * than the app waits. Only in that case does a refused visitor retry.
 */
async function crowd(world: FaultWorld, name: ApiName, visitors: number): Promise<(number | undefined)[]> {
  const at = { url: `http://127.0.0.1:${world.fleet[name].front?.port}`, timeoutMs: PATIENCE_MS };
  const request = { method: 'GET', path: '/products/popular' };
  const againUntilMs = performance.now() + onThisMachine(PATIENCE_MS) - PATIENCE_MS;
  const visit = async (): Promise<number | undefined> => {
    for (;;) {
      const reply = await world.operations.ask(undefined, at, request);
      if (reply?.status === 200 || performance.now() >= againUntilMs) return reply?.status;
      await pause(AGAIN_AFTER_MS, new AbortController().signal);
    }
  };
  return Promise.all(Array.from({ length: visitors }, visit));
}

/** Number of lists that the processes have built, by their logs. */
function listsMade(world: FaultWorld): number {
  const made = apiNames.map((name) =>
    world.fleet[name].app.logs.filter(({ event }) => event === 'popular_list_built'),
  );
  return made.flat().length;
}

export const cacheFaults: readonly Fault[] = [
  {
    name: 'cache-stampede',
    about:
      'the popular list expires everywhere at once, under a crowd that asks for it: all get one, few make it',
    touches: ['mysql', 'redis', ...apiNames],
    lastsMs: [50, 300],
    begin: async (world) => {
      const before = listsMade(world);
      await expirePopular(world, COPY_IS_OLD_MS);
      const statuses = (await Promise.all(apiNames.map((name) => crowd(world, name, VISITORS)))).flat();
      const refused = statuses.filter((status) => status !== 200);
      const made = listsMade(world) - before;
      if (refused.length > 0) world.complain(`popular list refused in a stampede: ${refused.join(', ')}`);
      if (made > apiNames.length) world.complain(`${made} lists were made for one stampede`);
      return {
        detail: { visitors: statuses.length, listsMade: made },
        end: async () => {
          for (const name of apiNames) world.fleet[name].setClock(0);
        },
      };
    },
  },
  {
    name: 'lock-expiry',
    about:
      'the event loop of a holder stands still until its Redis locks have run out and another one has them',
    touches: ['redis', ...apiNames, 'worker'],
    lastsMs: [700, 1500],
    begin: async (world, draw) => {
      const blockMs = Math.round(700 + draw() * 800);
      await expirePopular(world, COPY_IS_OLD_MS);
      const asked = crowd(world, 'api-1', 5);
      for (const name of ['api-1', 'worker'] as const) world.fleet[name].block(blockMs);
      // Expires the locks at once instead of waiting for their lifetime of 10 s and more.
      const locks = await world.redis().keys('mutex:*');
      await Promise.all(locks.map((lock) => world.redis().pexpire(lock, 1)));
      const others = crowd(world, 'api-2', 5);
      return {
        detail: { blockMs, locks },
        end: async () => {
          await Promise.all([asked, others]);
          for (const name of apiNames) world.fleet[name].setClock(0);
        },
      };
    },
  },
];
