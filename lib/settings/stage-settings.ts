export const stageNames = ['minimal', 'production'] as const;

export type StageName = (typeof stageNames)[number];

export interface RequestLimits {
  readonly ratePerS: number;
  readonly burst: number;
}

/** All that a stage chooses; stages.ts has the values with their reasons, check-settings.ts the bounds. */
export interface StageSettings {
  readonly name: StageName;
  readonly network: {
    /** Two: a synthesis without an account knows no more than two zones of a region. */
    readonly zones: number;
    readonly natGateways: number;
    /** AWS services reached without NAT, by the last part of their endpoint's name. */
    readonly interfaceEndpoints: readonly string[];
  };
  readonly database: {
    /** Without `db.`. */
    readonly instanceType: string;
    readonly memoryGib: number;
    readonly storageGb: number;
    /** Storage grows by itself up to here. */
    readonly storageMaxGb: number;
    readonly multiAz: boolean;
    /** Catalogue reads go there, where there is one. */
    readonly hasReplica: boolean;
    readonly backupDays: number;
    readonly hasPerformanceInsights: boolean;
  };
  readonly redis: {
    /** ElastiCache changes Redis to Valkey in place, and nothing back. */
    readonly engine: 'redis' | 'valkey';
    /** Without `cache.`. */
    readonly nodeType: string;
    readonly memoryGib: number;
    /** One replication group for both roles, or one each. */
    readonly groups: 'shared' | 'separate';
    /** CACHE_KEYS_MAX, where both roles share a group: what is cached must leave the state its memory. */
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
    /** ACCESS_LOG_PERCENT: share of successful reads that get a line in the log. */
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
    /** The storefront's key is shared by every visitor: a rate, and never a quota. */
    readonly storefront: RequestLimits;
    /**
     * Versions of that key that are valid, the one that CloudFront sends first. Two while one takes the other's place:
     * [1], [1, 2], [2, 1], [2]; docs/deploy.md says how.
     */
    readonly storefrontKeys: readonly number[];
    /** A key of an API client. */
    readonly client: RequestLimits & { readonly quotaPerDay: number };
    /** For callers that come past CloudFront. */
    readonly hasWebAcl: boolean;
  };
  readonly edge: {
    /** Of the distribution, with the alarm on it: two stacks in us-east-1. */
    readonly hasWebAcl: boolean;
    /** Requests of one address, pages and images aside, before the web ACL answers 429. */
    readonly addressRequestsPerMinute: number;
  };
  readonly logDays: 7 | 90;
  /** Passwords of the database users change this often. */
  readonly rotationDays: number;
  /** No instance gets older: each new one takes the newest Linux image. */
  readonly instanceDaysMax: number;
  /** An image (`ami-…`) that new instances take instead of the newest, while that one is broken. */
  readonly imageId: string | undefined;
}
