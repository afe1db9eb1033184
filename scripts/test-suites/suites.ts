export type SuiteName =
  | 'unit'
  | 'property'
  | 'integration'
  | 'e2e'
  | 'browser'
  | 'infra'
  | 'machines'
  | 'faults'
  | 'kafka'
  | 'localstack'
  | 'cluster';

export interface Suite {
  readonly name: SuiteName;
  /** MySQL, Redis, S3 and SQS. */
  readonly needsServers: boolean;
  /** Its tests prove nothing on the embedded S3 and SQS server. */
  readonly needsLocalstack?: true;
  /** Its tests are about Kafka. */
  readonly needsKafka?: true;
  /** Number of processes that share its files and may run in parallel. */
  readonly parts?: number;
  /** Runs alone, because other load on the machine would distort what it measures. */
  readonly isAlone?: true;
  readonly about: string;
}

/** Every suite, in running order. The tests of `NAME` are test/NAME/**\/*.test.ts. */
export const suites: readonly Suite[] = [
  {
    // First, because it takes longest: the last suite to start should be short.
    name: 'infra',
    needsServers: false,
    about: 'the synthesised templates, what an instance runs, and scripts/up',
  },
  {
    name: 'machines',
    needsServers: false,
    about:
      'fresh clones in hostile surroundings: the odd path, user, shell, account and network; bounded logs',
  },
  { name: 'unit', needsServers: false, about: 'pure rules, and the rules of the house' },
  { name: 'property', needsServers: true, about: 'random inputs against an oracle' },
  {
    name: 'integration',
    needsServers: true,
    parts: 2,
    about: 'use cases against real servers',
  },
  { name: 'e2e', needsServers: true, about: 'real processes over HTTP' },
  {
    name: 'browser',
    needsServers: true,
    about: 'the pages in a real Chromium; skipped where none can be had',
  },
  {
    name: 'faults',
    needsServers: true,
    isAlone: true,
    about: 'killed processes, stopped servers',
  },
  {
    name: 'kafka',
    needsServers: true,
    needsKafka: true,
    about: 'what only Kafka can do wrong: rebalances, refused commits, replays, lost brokers, logins',
  },
  {
    name: 'localstack',
    needsServers: true,
    needsLocalstack: true,
    about: 'what the embedded S3 and SQS server does not check: presigned requests, CORS, redrive',
  },
  {
    name: 'cluster',
    needsServers: false,
    about: 'the manifests on a real Kubernetes control plane; skipped unless npm run control-plane built it',
  },
];

/** Suites that `--also-mysql` repeats. */
export const suitesOnMysql: readonly SuiteName[] = ['integration', 'e2e'];

/**
 * Files that `--also-mysql` leaves out: they test HTTP, Redis, S3, SQS, processes and documents, and the
 * database makes no difference. `--mysql=…` without `also` leaves nothing out.
 */
export const notAgainOnMysql: readonly string[] = [
  'admin-command',
  'alarms',
  'app-process',
  'authorisation',
  'bad-http',
  'bad-input',
  'boot',
  'canary-secrets',
  'docs',
  'drain',
  'forged-addresses',
  'fuzz',
  'guest-carts',
  'image-*',
  'late-requests',
  'log-in-throttle',
  'mass-assignment',
  'metrics',
  'oldest-redis',
  'other-ways-in',
  'popular-failures',
  'popular-stampede',
  'provisioning',
  'queue',
  'rate-limits',
  'redis-*',
  'rehearsal',
  'schemathesis',
  'security-headers',
  'seed',
  'sessions',
  'stray-bytes',
].map((name) => `test/*/**/${name}.test.ts`);

/** Files that `--also-kafka` runs once more on Kafka: those in which the transport of events matters. */
export const againOnKafka: readonly string[] = [
  'test/integration/statistics/*.test.ts',
  'test/integration/orders/orders.test.ts',
  'test/integration/wiring/drain.test.ts',
  'test/e2e/audit-under-load.test.ts',
  'test/e2e/order-storm.test.ts',
];
