import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const local = join(root, '.local');

/** Where everything of a local shop lies. All of it is below .local/ and none of it is in git. */
export const shopPaths = {
  root,
  local,
  /** What --reset deletes, besides state and environment. */
  data: join(local, 'data'),
  logs: join(local, 'logs'),
  run: join(local, 'run'),
  /** Present while the shop runs: who runs it and where. */
  lock: join(local, 'run', 'up.json'),
  /** Ports of the last run, taken again where they are free. */
  ports: join(local, 'data', 'ports.json'),
  /** The app's settings while the shop runs, for a shell or `node --env-file`. */
  environment: join(local, 'env'),
  cache: resolve(process.env.ROWLOCK_CACHE_DIR || join(local, 'cache')),
} as const;
