import type { EnvironmentName } from '../../app/config/read-config.ts';

export const stageNames = ['minimal', 'production'] as const;

export type StageName = (typeof stageNames)[number];

/** Name of a stage in the names of its resources. Both shapes of a stage fit into one account. */
export type StageLabel = StageName | `${StageName}-cluster`;

export interface RequestLimits {
  readonly ratePerS: number;
  readonly burst: number;
}

/** All that a stage chooses; stages.ts has the values with their reasons, check-settings.ts the bounds. */
export interface StageSettings {
  readonly name: StageLabel;
  readonly network: {
    /** Two for instances; three where Kafka needs a majority of zones. */
    readonly zones: number;
    readonly natGateways: number;
    /** AWS services that are reached without NAT, by the last part of their endpoint's name. */
    readonly interfaceEndpoints: readonly string[];
  };
  readonly database: {
    /** Instance class without its prefix `db.`. */
    readonly instanceType: string;
    readonly memoryGib: number;
    readonly storageGb: number;
    /** Limit of automatic storage growth. */
    readonly storageMaxGb: number;
    readonly multiAz: boolean;
    /** Catalogue reads go to the replica if there is one. */
    readonly hasReplica: boolean;
    readonly backupDays: number;
    readonly hasPerformanceInsights: boolean;
  };
  readonly redis: {
    /** ElastiCache changes Redis to Valkey in place, but never back. */
    readonly engine: 'redis' | 'valkey';
    /** Node type without its prefix `cache.`. */
    readonly nodeType: string;
    readonly memoryGib: number;
    /** One replication group for both roles, or one per role. */
    readonly groups: 'shared' | 'separate';
    /** CACHE_KEYS_MAX if both roles share a group: cached keys must leave memory to sessions and carts. */
    readonly cacheKeysMax: number | undefined;
    readonly replicas: number;
    readonly snapshotDays: number;
  };
  readonly fleet: {
    readonly instanceType: string;
    readonly instancesMin: number;
    readonly instancesMax: number;
    readonly cpuTargetPercent: number;
    readonly requestsPerTargetPerMinute: number;
    /** ACCESS_LOG_PERCENT: share of successful reads that are logged. */
    readonly accessLogPercent: number;
    /** DATABASE_POOL_MAX of every process. */
    readonly databasePoolMax: number;
  };
  readonly consumer: {
    readonly instanceType: string;
    readonly instances: number;
    /** DATABASE_POOL_MAX of the data platform. */
    readonly databasePoolMax: number;
  };
  readonly gateway: {
    /** Every visitor shares the storefront's key, so it has a rate but no quota. */
    readonly storefront: RequestLimits;
    /**
     * Valid versions of that key; CloudFront sends the first. Two during a replacement: [1], [1, 2], [2, 1],
     * [2]. docs/deploy.md describes the steps.
     */
    readonly storefrontKeys: readonly number[];
    /** Limits of each API client's key. */
    readonly client: RequestLimits & { readonly quotaPerDay: number };
    /** Web ACL of the REST API, for callers that bypass CloudFront. */
    readonly hasWebAcl: boolean;
  };
  readonly edge: {
    /** Web ACL of the distribution, and the alarm on it: two stacks in us-east-1. */
    readonly hasWebAcl: boolean;
    /** Requests per address, without pages and images, before the web ACL answers 429. */
    readonly addressRequestsPerMinute: number;
  };
  /**
   * Limits, lifetimes and intervals of the app with another value than their default, by the process that
   * reads them. check-settings.ts says which.
   */
  readonly variables: Readonly<
    Record<'api' | 'worker' | 'data-platform', Readonly<Partial<Record<EnvironmentName, string>>>>
  >;
  readonly logDays: 7 | 90;
  /** Interval at which the passwords of the database users change. */
  readonly rotationDays: number;
  /** Maximum age of an instance: its replacement takes the newest Linux image. */
  readonly instanceDaysMax: number;
  /** Image (`ami-…`) for new instances while the newest one is broken; undefined means the newest. */
  readonly imageId: string | undefined;
}
