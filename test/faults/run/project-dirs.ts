import { join } from 'node:path';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';

const top = join(import.meta.dirname, '../../..');

export const projectDirs = {
  top,
  /** Unpacked servers, shared by everything on this machine. */
  cacheDir: shopPaths.cache,
  /** What campaigns have done so far. */
  localDir: join(top, '.local/faults'),
} as const;
