import type { AwsFront } from './aws-front.ts';
import type { DirectDatabase } from './direct-database.ts';
import type { Fleet } from './fault-fleet.ts';
import type { FaultLinks, ProcessName } from './fault-links.ts';
import type { FaultServer, ServerName } from './fault-servers.ts';
import type { FaultShop } from './fault-shop.ts';
import type { ShopOperations } from './shop-operations.ts';
import type { Redis } from 'ioredis';

/** Everything of a run that can break. */
export interface FaultWorld {
  /** Folder of the run. */
  readonly dir: string;
  /** Copy of the project whose app runs. */
  readonly appDir: string;
  readonly servers: Readonly<Record<ServerName, FaultServer>>;
  readonly links: FaultLinks;
  readonly fleet: Fleet;
  readonly awsFront: AwsFront;
  readonly database: DirectDatabase;
  readonly redis: () => Redis;
  readonly shop: FaultShop;
  readonly operations: ShopOperations;
  readonly queue: RunQueue;
  /** Whether the fleet is of the newer release already. */
  readonly release: { isNew: boolean };
  /** Something that must not happen, whatever breaks: the run has failed. */
  readonly complain: (what: string) => void;
}

export interface RunQueue {
  /** Puts a message into the queue, past all proxies. */
  send(body: string): Promise<void>;
  /** Bodies that must end in the dead-letter queue. */
  readonly poisons: string[];
}

/** What may not be broken in two ways at once. */
export type Breakable = ServerName | ProcessName;

export interface Fault {
  /** Stable: it stands in histories, and tests of the checker ask for it. */
  readonly name: string;
  readonly about: string;
  readonly touches: readonly Breakable[];
  /** How long it is to last, at least and at most. */
  readonly lastsMs: readonly [number, number];
  /**
   * Breaks something, and resolves with how it is to be mended; that is called in any case, also when the run
   * is over. `draw` gives numbers in [0, 1) that follow from the seed.
   */
  begin(world: FaultWorld, draw: () => number): Promise<BegunFault>;
}

export interface BegunFault {
  /** What was drawn, for the history. */
  readonly detail?: unknown;
  end(): Promise<void>;
}
