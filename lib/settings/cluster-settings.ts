import { checkSettings } from './check-settings.ts';
import type { StageSettings } from './stage-settings.ts';
import { stageSettings } from './stages.ts';

/** Replicas and size of one Deployment. */
export interface WorkloadSettings {
  readonly replicas: number;
  /** Only the API scales; undefined keeps `replicas`. */
  readonly replicasMax?: number;
  /** Reserved on a node, in thousandths of a core. The process may use more. */
  readonly cpuMilli: number;
  /** Reserved on a node, and the limit at which the kernel ends the process. */
  readonly memoryMib: number;
  /** DATABASE_POOL_MAX. */
  readonly databasePoolMax: number;
}

/** All that a stage of the cluster shape chooses, besides what it shares with the other shape. */
export interface ClusterSettings {
  /** Settings of network, data, storage and edge. Its fleet stands for the pods. */
  readonly shared: StageSettings;
  readonly nodes: {
    /** Arm types that Auto Mode may start, cheapest first. */
    readonly instanceTypes: readonly string[];
    /** Nodes at the smallest number of pods, for the cost estimate. */
    readonly expected: number;
    /** Cores of all nodes together; Auto Mode starts no node beyond. */
    readonly coresMax: number;
    readonly diskGib: number;
  };
  readonly api: WorkloadSettings & { readonly replicasMax: number; readonly cpuTargetPercent: number };
  readonly worker: WorkloadSettings;
  readonly dataPlatform: WorkloadSettings;
  readonly kafka: {
    readonly version: string;
    /** Type without its prefix `kafka.`. */
    readonly brokerType: string;
    /** A multiple of the zones. */
    readonly brokers: number;
    readonly storageGb: number;
    readonly partitions: number;
    readonly replicationFactor: number;
    readonly minInsyncReplicas: number;
  };
}

/** Pods that exist beyond the wanted number during a rolling update. */
export const surge = { api: 1, worker: 1, dataPlatform: 1 } as const;

/**
 * The smallest cluster that survives the loss of a node: two zones, two nodes, two brokers, and two nodes
 * in each Valkey group. The database is a single one, as in the other shape.
 */
function minimal(): ClusterSettings {
  const stage = stageSettings('minimal');
  return withFleet({
    shared: {
      ...stage,
      name: 'minimal-cluster',
      // Two groups, as the cluster's design asks: a full cache must not end log-ins. Each has a replica in
      // the other zone.
      redis: {
        ...stage.redis,
        engine: 'valkey',
        groups: 'separate',
        cacheKeysMax: undefined,
        replicas: 1,
      },
    },
    // 4 GB and two cores in bursts. Pods, agents and the system take 2.6 GB of each.
    nodes: { instanceTypes: ['t4g.medium'], expected: 2, coresMax: 8, diskGib: 20 },
    // Two pools of two connections each: the database class allows 64 in all.
    api: {
      replicas: 2,
      replicasMax: 3,
      cpuTargetPercent: 50,
      cpuMilli: 300,
      memoryMib: 512,
      databasePoolMax: 2,
    },
    // Decoding a 40 MP image takes 200 MB.
    worker: { replicas: 2, cpuMilli: 150, memoryMib: 512, databasePoolMax: 2 },
    dataPlatform: { replicas: 1, cpuMilli: 50, memoryMib: 256, databasePoolMax: 2 },
    kafka: {
      version: '4.1.x.kraft',
      brokerType: 't3.small',
      brokers: 2,
      storageGb: 10,
      partitions: 6,
      replicationFactor: 2,
      // A patch of MSK takes one broker away: events then wait in the outbox, and none is lost. With 1 they
      // would go on, and an acknowledged event could be on one disk only.
      minInsyncReplicas: 2,
    },
  });
}

/** Survives the loss of any node, broker, database instance or zone. */
function production(): ClusterSettings {
  const stage = stageSettings('production');
  return withFleet({
    shared: {
      ...stage,
      name: 'production-cluster',
      // Three: with one zone away, two replicas of each partition are still a majority.
      network: { ...stage.network, zones: 3, natGateways: 3 },
      redis: { ...stage.redis, engine: 'valkey' },
    },
    nodes: { instanceTypes: ['c7g.large', 'm7g.large'], expected: 4, coresMax: 64, diskGib: 40 },
    api: {
      replicas: 3,
      replicasMax: 24,
      cpuTargetPercent: 50,
      cpuMilli: 800,
      memoryMib: 768,
      databasePoolMax: 8,
    },
    worker: { replicas: 3, cpuMilli: 400, memoryMib: 768, databasePoolMax: 8 },
    dataPlatform: { replicas: 3, cpuMilli: 100, memoryMib: 384, databasePoolMax: 2 },
    kafka: {
      version: '4.1.x.kraft',
      brokerType: 'm7g.large',
      brokers: 3,
      storageGb: 100,
      partitions: 12,
      replicationFactor: 3,
      minInsyncReplicas: 2,
    },
  });
}

/**
 * Translates pods into the fleet of the other shape, for which connections are counted and alarms are made.
 */
function withFleet(settings: ClusterSettings): ClusterSettings {
  const { api, worker, dataPlatform, shared } = settings;
  const pods = api.replicasMax + surge.api + worker.replicas + surge.worker;
  const fleet = {
    ...shared.fleet,
    instancesMin: api.replicas,
    // An instance has an API and a worker.
    instancesMax: Math.ceil(pods / 2),
    databasePoolMax: Math.max(api.databasePoolMax, worker.databasePoolMax),
  };
  const consumer = {
    ...shared.consumer,
    instances: dataPlatform.replicas,
    databasePoolMax: dataPlatform.databasePoolMax,
  };
  return { ...settings, shared: { ...shared, fleet, consumer } };
}

/** The settings of a stage, checked. Throws an Error that names every wrong setting. */
export function clusterSettings(name: unknown): ClusterSettings {
  // Rejects any other name with the names that there are.
  const { name: stage } = stageSettings(name);
  const settings = { minimal, production }[stage]();
  checkClusterSettings(settings);
  return settings;
}

/** Throws an Error that names every pair of settings that contradicts itself. */
export function checkClusterSettings(settings: ClusterSettings): void {
  const { shared, kafka, dataPlatform } = settings;
  checkSettings(shared);
  const rules: readonly (readonly [isBroken: boolean, reason: string])[] = [
    [kafka.brokers % shared.network.zones !== 0, 'kafka.brokers: must be a multiple of network.zones'],
    [kafka.replicationFactor > kafka.brokers, 'kafka.replicationFactor: must not exceed kafka.brokers'],
    [
      kafka.minInsyncReplicas > kafka.replicationFactor,
      'kafka.minInsyncReplicas: must not exceed kafka.replicationFactor',
    ],
    [kafka.minInsyncReplicas < 2, 'kafka.minInsyncReplicas: below 2, one disk holds an acknowledged event'],
    [dataPlatform.replicas > kafka.partitions, 'dataPlatform.replicas: must not exceed kafka.partitions'],
  ];
  const reasons = rules.flatMap(([isBroken, reason]) => (isBroken ? [reason] : []));
  if (reasons.length > 0) throw new Error(`stage ${shared.name}: ${reasons.join('; ')}`);
}
