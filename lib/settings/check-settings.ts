import { z } from 'zod';
import { variableFault } from '../../app/config/read-config.ts';
import type { Role } from '../../app/contract/roles.ts';
import { connectionsMax, connectionsOf, othersMax } from './database-connections.ts';
import { neededEndpoints } from './needed-endpoints.ts';
import type { StageSettings } from './stage-settings.ts';

const count = (min: number, max: number) => z.int().min(min).max(max);
const limits = { ratePerS: count(1, 10_000), burst: count(1, 5000) };
/** Arm class; the fleet's bundle is built for arm64. */
const armType = z.string().regex(/^[a-z]+[0-9]+g[a-z]*\.(nano|micro|small|medium|[0-9]*x?large)$/, {
  error: 'must be an Arm type such as t4g.small',
});

/**
 * Limits, lifetimes and intervals. Only the stacks decide whom the app trusts, where it finds servers and
 * secrets, and whether it reports: a stage must not weaken that in passing.
 */
const TUNABLE =
  /^(RATE_LIMIT|LOGIN_FAILURES|(ADMIN_)?SESSION|ORDER_(CANCEL|GROUP|QUEUE|WAIT)|IMAGE|RELAY|COUPON|INBOX)_/;
const TUNABLE_VALUE = /^(off|[0-9]+(\/[0-9]+)?)$/;

/** Applies the app's own bounds: a wrong value would otherwise show when no instance of a release starts. */
const variablesOf = (role: Role) =>
  z.record(z.string(), z.string()).superRefine((variables, context) => {
    for (const [name, value] of Object.entries(variables)) {
      const isTunable = TUNABLE.test(name) && TUNABLE_VALUE.test(value);
      const message =
        variableFault(role, name, value) ?? (isTunable ? undefined : 'is not for a stage to set');
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
    }
  });

/** Bounds that the manuals of RDS, ElastiCache, Auto Scaling and API Gateway state. */
const settingsSchema = z.strictObject({
  name: z.string(),
  network: z.strictObject({
    zones: count(2, 3),
    natGateways: count(0, 3),
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
  // The minimum of a WAF rate rule is 10.
  edge: z.strictObject({ hasWebAcl: z.boolean(), addressRequestsPerMinute: count(10, 2_000_000_000) }),
  variables: z.strictObject({
    api: variablesOf('api'),
    worker: variablesOf('worker'),
    'data-platform': variablesOf('data-platform'),
  }),
  logDays: z.union([z.literal(7), z.literal(90)]),
  rotationDays: count(2, 365),
  instanceDaysMax: count(1, 365),
  imageId: z
    .string()
    .regex(/^ami-[0-9a-f]{8,17}$/, { error: 'must be the id of an image' })
    .optional(),
});

/** Upper bound for the largest counter with Redis's own overhead; a test measures that it is less. */
export const CACHE_KEY_BYTES_MAX = 256;
/** Share of a node's memory for cached keys, if sessions and carts are on the same node. */
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
    [network.natGateways > network.zones, 'network.natGateways: must not exceed network.zones'],
    [
      database.storageMaxGb < database.storageGb,
      'database.storageMaxGb: must not be below database.storageGb',
    ],
    [
      fleet.instancesMax <= fleet.instancesMin,
      'fleet.instancesMax: must exceed instancesMin, or a rolling update has no room for a new instance',
    ],
    [
      connections + othersMax > available,
      `fleet.databasePoolMax: the processes may open ${connections} connections, others ${othersMax}, ` +
        `and ${database.instanceType} takes ${available}`,
    ],
    [
      redis.groups === 'shared' && redis.cacheKeysMax === undefined,
      'redis.cacheKeysMax: in a shared group set a limit; cached keys must leave sessions their memory',
    ],
    [
      redis.groups === 'shared' &&
        (redis.cacheKeysMax ?? 0) * CACHE_KEY_BYTES_MAX > redis.memoryGib * 2 ** 30 * CACHE_SHARE_MAX,
      `redis.cacheKeysMax: at ${CACHE_KEY_BYTES_MAX} bytes each, so many keys take more than ` +
        `${CACHE_SHARE_MAX * 100} % of the node`,
    ],
    [
      redis.groups === 'separate' && redis.replicas === 0,
      'redis.replicas: separate groups are for stages that survive the loss of a node; set at least 1',
    ],
  ];
  return rules.flatMap(([isBroken, reason]) => (isBroken ? [reason] : []));
}
