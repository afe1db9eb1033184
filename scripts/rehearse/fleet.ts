import type { Balancer } from './balancer.ts';
import type { AppEnvironment } from './instance.ts';
import type { Release } from './release.ts';

/** Processes that run one release, and during a rollout two. */
export interface Fleet {
  /** Resolves when every process of the fleet runs this release, whose migrations have run before. */
  rollTo(release: Release): Promise<void>;
  /** Requests by release, in the order of `rollTo`. */
  served(): readonly { readonly release: string; readonly requests: number }[];
  /** Throws when a process does not stop in order. */
  close(): Promise<void>;
}

export interface FleetOptions {
  readonly balancer: Balancer;
  readonly env: AppEnvironment;
  /** Folder for logs. */
  readonly dir: string;
  readonly log: (line: string) => void;
}
