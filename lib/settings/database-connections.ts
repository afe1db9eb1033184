import { consumerInstancesMax } from './consumer-instances-max.ts';
import type { StageSettings } from './stage-settings.ts';

/** RDS's default for max_connections is `{DBInstanceClassMemory/12582880}`. */
const BYTES_PER_CONNECTION = 12_582_880;
/**
 * Share of a class's nominal memory that DBInstanceClassMemory holds; the system takes the rest. Reported
 * values of max_connections: 66 at 1 GiB (0.77 of nominal), 150 at 2 GiB (0.88), 312 at 4 GiB (0.91), 648 at
 * 8 GiB (0.95), 1,320 at 16 GiB (0.97). Source: tritoneco.com, "max_connections at AWS RDS MySQL instance
 * sizes".
 */
const SMALL_CLASS_GIB = 4;
const SMALL_CLASS_MEMORY_SHARE = 0.75;
const MEMORY_SHARE = 0.9;
/** The API and a worker on every instance of the fleet. */
const PROCESSES_PER_INSTANCE = 2;
/** A process has one pool for writes and one for reads, both of the same size. */
const POOLS_PER_PROCESS = 2;
/** A process has one more connection for the snapshots of the audit. */
const SNAPSHOT_CONNECTIONS = 1;
/** Connections that no process of the app opens. */
const OTHER_CONNECTIONS = {
  /** The migrations of a release, and the function that creates the users. */
  deployment: 2,
  /** One secret at a time, with a connection for its user and one for the administrator. */
  rotation: 2,
  /** An operator's shell, an audit by hand and a dump. */
  people: 3,
  /** RDS's own sessions (rdsadmin). */
  rds: 2,
};

/**
 * Maximum number of connections that the stage's processes open to the writer, at the largest size of each
 * group. A rolling update never exceeds that size. Connections to the replica do not count.
 */
export function connectionsMax({ fleet, consumer }: StageSettings): number {
  const perProcess = (poolMax: number) => POOLS_PER_PROCESS * poolMax + SNAPSHOT_CONNECTIONS;
  return (
    fleet.instancesMax * PROCESSES_PER_INSTANCE * perProcess(fleet.databasePoolMax) +
    consumerInstancesMax(consumer) * perProcess(consumer.databasePoolMax)
  );
}

/** Maximum number of connections of everything else: deployment, rotation, people and RDS. */
export const othersMax = Object.values(OTHER_CONNECTIONS).reduce((sum, count) => sum + count, 0);

/** Lower bound of the class's `max_connections`: RDS keeps an unpublished part of the memory for itself. */
export function connectionsOf({ memoryGib }: StageSettings['database']): number {
  const share = memoryGib < SMALL_CLASS_GIB ? SMALL_CLASS_MEMORY_SHARE : MEMORY_SHARE;
  return Math.floor((memoryGib * 2 ** 30 * share) / BYTES_PER_CONNECTION);
}
