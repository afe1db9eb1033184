import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const local = join(root, '.local');

/** Paths of the local shop, all below .local/ and none in git. */
export const shopPaths = {
  root,
  local,
  /** Deleted by --reset, with the state and the environment file. */
  data: join(local, 'data'),
  logs: join(local, 'logs'),
  run: join(local, 'run'),
  /** Present while the shop runs: its pid and its address. */
  lock: join(local, 'run', 'up.json'),
  /** Ports of the last run, reused where they are free. */
  ports: join(local, 'data', 'ports.json'),
  /** The app's settings while the shop runs, for a shell or for `node --env-file`. */
  environment: join(local, 'env'),
  /** The pages of shop and console, built at each start. */
  pages: join(local, 'pages'),
  cache: resolve(process.env.ROWLOCK_CACHE_DIR || join(local, 'cache')),
} as const;
