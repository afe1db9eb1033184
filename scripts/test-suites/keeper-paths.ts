import { join } from 'node:path';

/** What a keeper announces about its servers. */
export interface KeptServers {
  /** The options that chose them. */
  readonly key: string;
  /** Variables of the tests' environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly descriptions: readonly string[];
}

export interface KeeperPaths {
  /** Names the process that keeps servers in this folder. */
  readonly lock: string;
  /** Exists once the servers answer. Its modification time is their last use. */
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
