import { z } from 'zod';
import { neededEndpoints } from './needed-endpoints.ts';
import type { StageSettings } from './stages.ts';

const count = (min: number, max: number) => z.int().min(min).max(max);
const limits = { ratePerS: count(1, 10_000), burst: count(1, 5000) };
/** Only Arm classes: the bundle of the fleet is built for arm64. */
const armType = z.string().regex(/^[a-z]+[0-9]+g[a-z]*\.(nano|micro|small|medium|[0-9]*x?large)$/, {
  error: 'must be an Arm type such as t4g.small',
});

/** Bounds of RDS, ElastiCache, Auto Scaling and API Gateway, as their manuals state them. */
const settingsSchema = z.strictObject({
  name: z.string(),
  network: z.strictObject({
    zones: count(2, 2),
    natGateways: count(0, 2),
    interfaceEndpoints: z.array(z.string()),
  }),
  database: z.strictObject({
    instanceType: armType,
    memoryGib: z.number().min(0.5),
    storageGb: count(20, 65_536),
    storageMaxGb: count(20, 65_536),
    multiAz: z.boolean(),
    hasReplica: z.boolean(),
    backupDays: count(1, 35),
    hasPerformanceInsights: z.boolean(),
  }),
  redis: z.strictObject({
    engine: z.enum(['redis', 'valkey']),
    nodeType: armType,
    memoryGib: z.number().min(0.5),
    cacheKeysMax: count(1, 100_000_000).optional(),
    groups: z.enum(['shared', 'separate']),
    replicas: count(0, 5),
    snapshotDays: count(0, 35),
  }),
  fleet: z.strictObject({
    instanceType: armType,
    instancesMin: count(2, 100),
    instancesMax: count(2, 100),
    cpuTargetPercent: count(10, 90),
    requestsPerTargetPerMinute: count(60, 1_000_000),
    databasePoolMax: count(1, 64),
    accessLogPercent: count(0, 100),
  }),
  consumer: z.strictObject({
    instanceType: armType,
    instances: count(1, 10),
    databasePoolMax: count(1, 64),
  }),
  gateway: z.strictObject({
    storefront: z.strictObject(limits),
    storefrontKeys: z
      .array(count(1, 1000))
      .min(1)
      .max(2)
      .refine((versions) => new Set(versions).size === versions.length, { error: 'names one version twice' }),
    client: z.strictObject({ ...limits, quotaPerDay: count(1, 1_000_000_000) }),
    hasWebAcl: z.boolean(),
  }),
  // WAF counts from 10.
  edge: z.strictObject({ hasWebAcl: z.boolean(), addressRequestsPerMinute: count(10, 2_000_000_000) }),
  logDays: z.union([z.literal(7), z.literal(90)]),
  rotationDays: count(2, 365),
  instanceDaysMax: count(1, 365),
  imageId: z
    .string()
    .regex(/^ami-[0-9a-f]{8,17}$/, { error: 'must be the id of an image' })
    .optional(),
});

/** RDS's default of max_connections is `{DBInstanceClassMemory/12582880}`. */
const BYTES_PER_CONNECTION = 12_582_880;
/**
 * Share of a class's nominal memory that DBInstanceClassMemory holds; the system takes the rest. Reported values of
 * max_connections: 66 at 1 GiB (0.77 of nominal), 150 at 2 GiB (0.88), 312 at 4 GiB (0.91), 648 at 8 GiB (0.95), 1,320
 * at 16 GiB (0.97): tritoneco.com, "max_connections at AWS RDS MySQL instance sizes".
 */
const SMALL_CLASS_GIB = 4;
const SMALL_CLASS_MEMORY_SHARE = 0.75;
const MEMORY_SHARE = 0.9;
/** An API process and a worker on every instance of the fleet. */
const PROCESSES_PER_INSTANCE = 2;
/** A process keeps one pool for writes and one for reads, of the same size … */
const POOLS_PER_PROCESS = 2;
/** … and one connection for the snapshots of the audit. */
const SNAPSHOT_CONNECTIONS = 1;
/** Connections that are not the fleet's. */
const OTHER_CONNECTIONS = {
  /** The migrations of a release, and the function that creates the users. */
  deployment: 2,
  /** One secret at a time: its own user, and the administrator. */
  rotation: 2,
  /** An operator's shell, an audit by hand and a dump. */
  people: 3,
  /** RDS's own sessions (rdsadmin). */
  rds: 2,
};
/** The largest counter with what Redis keeps about it; a test measures that it is less. */
export const CACHE_KEY_BYTES_MAX = 256;
/** Of a node that sessions and carts have to fit into as well. */
const CACHE_SHARE_MAX = 0.15;

/** Throws an Error that names every setting outside its bounds and every pair that contradicts itself. */
export function checkSettings(settings: StageSettings): void {
  const { error } = settingsSchema.safeParse(settings);
  const reasons = [
    ...(error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ...contradictions(settings),
  ];
  if (reasons.length > 0) throw new Error(`stage ${settings.name}: ${reasons.join('; ')}`);
}

function contradictions(settings: StageSettings): string[] {
  const { network, database, redis, fleet } = settings;
  const missing = neededEndpoints.filter((name) => !network.interfaceEndpoints.includes(name));
  const connections = connectionsMax(settings);
  const available = connectionsOf(database);
  const rules: readonly (readonly [isBroken: boolean, reason: string])[] = [
    [
      network.natGateways === 0 && missing.length > 0,
      `network.natGateways: without NAT the instances need the endpoints ${missing.join(', ')}`,
    ],
    [network.natGateways > network.zones, 'network.natGateways: more than zones serve nobody'],
    [database.storageMaxGb < database.storageGb, 'database.storageMaxGb: below storageGb'],
    [
      fleet.instancesMax <= fleet.instancesMin,
      'fleet.instancesMax: must exceed instancesMin, or a rolling update has no room for the new instance',
    ],
    [
      connections + othersMax > available,
      `fleet.databasePoolMax: the processes may open ${connections} connections, others ${othersMax}, and ${database.instanceType} takes ${available}`,
    ],
    [
      redis.groups === 'shared' && redis.cacheKeysMax === undefined,
      'redis.cacheKeysMax: in a shared group what is cached must not take the memory of sessions and carts',
    ],
    [
      redis.groups === 'shared' &&
        (redis.cacheKeysMax ?? 0) * CACHE_KEY_BYTES_MAX > redis.memoryGib * 2 ** 30 * CACHE_SHARE_MAX,
      `redis.cacheKeysMax: of ${CACHE_KEY_BYTES_MAX} bytes each they are more than ${CACHE_SHARE_MAX * 100} % of the node`,
    ],
    [
      redis.groups === 'separate' && redis.replicas === 0,
      'redis.replicas: groups of their own are for stages that survive the loss of a node',
    ],
  ];
  return rules.flatMap(([isBroken, reason]) => (isBroken ? [reason] : []));
}

/**
 * Most connections to the writer that the processes of the stage can hold: every instance up to MaxSize, which is also
 * the ceiling of a rolling update. The replica has connections of its own.
 */
export function connectionsMax({ fleet, consumer }: StageSettings): number {
  const perProcess = (poolMax: number) => POOLS_PER_PROCESS * poolMax + SNAPSHOT_CONNECTIONS;
  return (
    fleet.instancesMax * PROCESSES_PER_INSTANCE * perProcess(fleet.databasePoolMax) +
    consumerInstancesMax(consumer) * perProcess(consumer.databasePoolMax)
  );
}

/** Most connections of everything else: deployment, rotation, people and RDS. */
export const othersMax = Object.values(OTHER_CONNECTIONS).reduce((sum, count) => sum + count, 0);

/** One more than are wanted, so that a release starts the new consumer before the old one stops. */
export function consumerInstancesMax({ instances }: StageSettings['consumer']): number {
  return instances + 1;
}

/** `max_connections` of the class: a lower bound, because RDS keeps an unpublished part of the memory for itself. */
export function connectionsOf({ memoryGib }: StageSettings['database']): number {
  const share = memoryGib < SMALL_CLASS_GIB ? SMALL_CLASS_MEMORY_SHARE : MEMORY_SHARE;
  return Math.floor((memoryGib * 2 ** 30 * share) / BYTES_PER_CONNECTION);
}
