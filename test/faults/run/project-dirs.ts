import { join } from 'node:path';

const top = join(import.meta.dirname, '../../..');

export const projectDirs = {
  top,
  /** Unpacked servers, shared by everything on this machine. */
  cacheDir: process.env.ROWLOCK_CACHE_DIR ?? join(top, '.local/cache'),
  /** What campaigns have done so far. */
  localDir: join(top, '.local/faults'),
} as const;
