import { join } from 'node:path';

/** What a keeper tells about its servers. */
export interface KeptServers {
  /** The options that chose them. */
  readonly key: string;
  /** For the tests. */
  readonly env: Readonly<Record<string, string>>;
  readonly descriptions: readonly string[];
}

export interface KeeperPaths {
  /** Who keeps servers in this folder. */
  readonly lock: string;
  /** There once the servers answer. Its time of change is when they were last used. */
  readonly ready: string;
  readonly log: string;
  readonly data: string;
}

export function keeperPaths(folder: string): KeeperPaths {
  return {
    lock: join(folder, 'keeper.json'),
    ready: join(folder, 'servers.json'),
    log: join(folder, 'keeper.log'),
    data: join(folder, 'data'),
  };
}
