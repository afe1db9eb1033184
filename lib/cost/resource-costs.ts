import { type CostItem, HOURS, type MonthlyUse, type TemplateResource } from './cost-item.ts';
import { instanceMetrics } from '../instance/instance-metrics.ts';
import { shopMetrics } from '../../app/contract/shop-metrics.ts';
import { type PriceName, priceList } from './price-list.ts';

/** Roles that write to a log group, by the last part of its name. */
const rolesOfLog: Readonly<Record<string, readonly string[]>> = {
  api: ['api', 'worker'],
  'data-platform': ['data-platform'],
};
/**
 * Metrics of EC2's detailed monitoring: https://aws.amazon.com/cloudwatch/pricing/, "EC2 detailed
 * monitoring".
 */
const DETAILED_METRICS_PER_INSTANCE = 7;
/** Two instances write 2 KB every 10 s. */
const METRIC_BYTES_PER_ROLE = (2 * 2000 * HOURS * 3600) / 10;

export interface Surroundings {
  readonly resources: readonly TemplateResource[];
  readonly use: MonthlyUse;
}

export type Costs = (resource: TemplateResource, around: Surroundings) => CostItem[];

const GB = 1e9;
const MILLION = 1e6;
/**
 * Size of a request's line, with what CloudWatch adds per event. The gateway writes a line for every request,
 * the app for a share of them.
 */
const GATEWAY_LOG_BYTES = 275;
const APP_LOG_BYTES = 330;
/** A message is sent, received and deleted; below the load of a sale each call carries one message. */
const SQS_REQUESTS_PER_MESSAGE = 3;
/** A waiting consumer polls every 20 s. */
const IDLE_POLLS = (HOURS * 3600) / 20;
/** A statement and its result per request; half of the instances are in the other zone. */
const CROSS_ZONE_BYTES_PER_REQUEST = 4000;

/** CloudWatch compresses stored logs to about this share (its pricing page, "archived"). */
const LOGS_COMPRESSION = 0.15;
/** Bytes that an order adds to the database, and bytes that it changes: pages and the binary log. */
const DATABASE_BYTES_PER_ORDER = 1000;
const CHANGED_BYTES_PER_ORDER = 10_000;
const MONTHS_KEPT = 12;
/** The balancer writes a log per zone every five minutes, the network one every ten. */
const LOG_OBJECTS = 3 * ((HOURS * 60) / 5);
/** Images that CloudFront has not cached: one in twenty of the 32 per order. */
const PICTURE_READS_PER_ORDER = 32 / 20;
/** Share of each core above the 20 % that earn credits on a T4g, at the scaling target of 50 %. */
const SURPLUS_SHARE = 0.3;
const CORES_OF_T4G = 2;

/** Share of requests that a web ACL blocks and logs, with 1.5 KB of log each. An attack costs more. */
const BLOCKED_SHARE = 0.01;
const BLOCKED_LOG_BYTES = 1500;
/**
 * Only NAT gateways have public addresses. At each of them, scanners on the internet cause one record of 100
 * bytes per second.
 */
const REJECTED_BYTES_PER_NAT = 100 * HOURS * 3600;

/** Monthly cost of a resource, by its type. */
export const resourceCosts: Readonly<Record<string, Costs>> = {
  'AWS::AutoScaling::AutoScalingGroup': groupCosts,
  'AWS::AutoScaling::ScalingPolicy': () => [
    // Target tracking creates one alarm for rising and one for falling load.
    fixed('Alarms', 'of target tracking', 'alarm on a metric', 2),
  ],
  'AWS::EC2::NatGateway': () => [
    fixed('NAT gateway', 'one a listed zone', 'nat gateway', HOURS),
    used('NAT gateway', 'traffic to AWS', 'nat traffic', 1),
  ],
  'AWS::EC2::EIP': () => [fixed('Public IPv4', 'of a NAT gateway', 'public IPv4 address', HOURS)],
  'AWS::EC2::VPCEndpoint': ({ Properties }) =>
    Properties['VpcEndpointType'] === 'Interface'
      ? [
          fixed(
            'Interface endpoint',
            'in every zone',
            'interface endpoint',
            HOURS * (Properties['SubnetIds'] as unknown[]).length,
          ),
        ]
      : [],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': (_, { use }) => [
    fixed('Load balancer', 'application, internal', 'load balancer', HOURS),
    // One unit covers a gigabyte per hour; health checks and connections take at least a fraction of one.
    used(
      'Load balancer',
      'capacity units',
      'load balancer capacity unit',
      Math.max(trafficGb(use), 0.05 * HOURS),
    ),
    used('Traffic between zones', 'app to database', 'traffic between zones', crossZoneGb(use)),
  ],
  'AWS::RDS::DBInstance': databaseCosts,
  'AWS::ElastiCache::ReplicationGroup': ({ Properties }) => {
    const type = Properties['CacheNodeType'] as string;
    const nodes = Number(Properties['NumNodeGroups']) * (1 + Number(Properties['ReplicasPerNodeGroup']));
    const engine = Properties['Engine'] === 'valkey' ? 'valkey' : 'redis';
    return [fixed('Redis', type, known(`${engine} ${type}`), nodes * HOURS)];
  },
  'AWS::ApiGateway::RestApi': (_, { use }) => [
    used('REST API', 'requests', 'rest api requests', requests(use) / MILLION),
  ],
  'AWS::CloudFront::Distribution': (_, { use }) => [
    used('CloudFront', 'requests', 'cloudfront requests', requests(use) / MILLION),
    used('CloudFront', 'functions', 'cloudfront functions', requests(use) / MILLION),
    used(
      'CloudFront',
      'traffic',
      'cloudfront traffic',
      trafficGb(use) + (use.orders * use.imageBytesPerOrder) / GB,
    ),
  ],
  'AWS::WAFv2::WebACL': ({ Properties }, { use }) => [
    fixed('WAF', 'web ACL', 'web acl', 1),
    fixed('WAF', 'rule groups', 'web acl rule', (Properties['Rules'] as unknown[]).length),
    used('WAF', 'requests', 'web acl requests', requests(use) / MILLION),
  ],
  'AWS::WAFv2::LoggingConfiguration': (_, { use }) => [
    used(
      'Logs',
      'requests that a web ACL blocks',
      'logs taken in',
      (requests(use) * BLOCKED_SHARE * BLOCKED_LOG_BYTES) / GB,
    ),
  ],
  'AWS::EC2::FlowLog': (_, { resources }) => [
    used(
      'Logs',
      'connections that the network rejects',
      'logs delivered to s3',
      (resources.filter(({ Type }) => Type === 'AWS::EC2::NatGateway').length * REJECTED_BYTES_PER_NAT) / GB,
    ),
  ],
  'AWS::SQS::Queue': ({ Properties }, { use }) =>
    // No process polls the dead-letter queue.
    Properties['RedrivePolicy'] === undefined
      ? []
      : [
          used(
            'SQS',
            'requests',
            'sqs requests',
            ((use.orders / use.ordersPerMessage) * SQS_REQUESTS_PER_MESSAGE + IDLE_POLLS) / MILLION,
          ),
        ],
  'AWS::S3::Bucket': ({ Properties }, { use }) =>
    Properties['CorsConfiguration'] === undefined
      ? []
      : [
          used('S3', 'images', 's3 storage', use.imagesGb),
          used('S3', 'reads of images', 's3 reads', (use.orders * PICTURE_READS_PER_ORDER) / MILLION),
          used('S3', 'writes of access logs', 's3 writes', LOG_OBJECTS / MILLION),
        ],
  'AWS::SecretsManager::Secret': () => [fixed('Secrets', 'each', 'secret', 1)],
  'AWS::Logs::LogGroup': ({ logicalId, Properties }, { resources, use }) => [
    ...reportedMetrics(String(Properties['LogGroupName']), resources),
    ...(/AccessLog/.test(logicalId)
      ? [
          used('Logs', "the gateway's access log", 'logs taken in', (requests(use) * GATEWAY_LOG_BYTES) / GB),
          ...requestLines(use, resources, Number(Properties['RetentionInDays']), GATEWAY_LOG_BYTES),
        ]
      : []),
  ],
  'AWS::Logs::MetricFilter': filterCosts,
  'AWS::CloudWatch::Alarm': ({ Properties }) => {
    const metrics = (Properties['Metrics'] as { MetricStat?: unknown }[] | undefined)?.filter(
      ({ MetricStat }) => MetricStat !== undefined,
    );
    return [fixed('Alarms', 'a metric each', 'alarm on a metric', metrics?.length ?? 1)];
  },
  'AWS::CloudWatch::Dashboard': () => [fixed('Dashboard', 'one', 'dashboard', 1)],
  // Called once per deployment, or a few times per month for each rotation.
  'AWS::Lambda::Function': () => [used('Functions', 'calls', 'function calls', 10 / MILLION)],
  'AWS::Serverless::Application': () => [used('Functions', 'calls', 'function calls', 10 / MILLION)],
  'AWS::Route53::RecordSet': (_, { use }) => [
    used('DNS', 'queries', 'dns queries', requests(use) / 10 / MILLION),
  ],
};

/** Lines of the app for each request, and what is kept of them and of a gateway's. */
export function requestLines(
  use: MonthlyUse,
  resources: readonly TemplateResource[],
  days: number,
  gatewayBytes = 0,
): CostItem[] {
  const appBytes = appLines(use, resources) * APP_LOG_BYTES;
  return [
    used(
      'Logs',
      `requests in the app's log: ${readsLoggedPercent(resources)} % of reads`,
      'logs taken in',
      appBytes / GB,
    ),
    used(
      'Logs',
      'kept',
      'logs kept',
      ((requests(use) * gatewayBytes + appBytes) / GB) * LOGS_COMPRESSION * (days / 30),
    ),
  ];
}

/**
 * Metrics of the processes that write to the log group. AWS charges each metric of each role, and their log
 * lines.
 */
function reportedMetrics(logGroup: string, resources: readonly TemplateResource[]): CostItem[] {
  const roles = rolesOfLog[/^\/rowlock\/[^/]+\/(.+)$/.exec(logGroup)?.[1] ?? ''] ?? [];
  const hasInstances = resources.some(({ Type }) => Type === 'AWS::AutoScaling::AutoScalingGroup');
  const metrics = Object.entries(shopMetrics).flatMap(([name, metric]) =>
    // Instances use SQS, whose own metric shows what waits.
    hasInstances && name === 'EventsLag'
      ? []
      : roles.filter((role) => (metric.roles as readonly string[]).includes(role)),
  );
  if (metrics.length === 0) return [];
  return [
    fixed('Custom metrics', 'of the app', 'custom metric', metrics.length),
    ...(hasInstances
      ? [fixed('Custom metrics', 'of instances', 'custom metric', Object.keys(instanceMetrics).length)]
      : []),
    fixed('Logs', 'lines of metrics', 'logs taken in', (roles.length * METRIC_BYTES_PER_ROLE) / GB),
  ];
}

/** If filters of several log groups feed one metric, AWS charges it once. */
function filterCosts({ logicalId, Properties }: TemplateResource, { resources }: Surroundings): CostItem[] {
  const metricOf = (filter: TemplateResource['Properties']): unknown =>
    filter['MetricTransformations'][0].MetricName;
  const first = resources.find(
    (other) =>
      other.Type === 'AWS::Logs::MetricFilter' && metricOf(other.Properties) === metricOf(Properties),
  );
  return first?.logicalId === logicalId ? [fixed('Custom metrics', 'from logs', 'custom metric', 1)] : [];
}

function groupCosts({ Properties, stack }: TemplateResource, { resources, use }: Surroundings): CostItem[] {
  const template = resources.find(
    (other) =>
      other.stack === stack && other.logicalId === Properties['LaunchTemplate']?.LaunchTemplateId?.Ref,
  );
  const data = template?.Properties['LaunchTemplateData'];
  const type = data?.InstanceType as string;
  const instances = Number(Properties['MinSize']);
  const volumeGb = Number(data?.BlockDeviceMappings[0].Ebs.VolumeSize);
  return [
    fixed('Instances', `${type}, minimum`, known(`ec2 ${type}`), instances * HOURS),
    fixed('Instance volumes', 'gp3', 'ebs gp3', instances * volumeGb),
    // The data platform does not scale and stays below the load that earns credits.
    ...(type.startsWith('t') && Properties['TargetGroupARNs'] !== undefined
      ? [
          used(
            'Instances',
            `${type}, credits beyond those earned`,
            'surplus credits',
            instances * CORES_OF_T4G * SURPLUS_SHARE * use.busyHours,
          ),
        ]
      : []),
    ...(data?.Monitoring?.Enabled === true
      ? [
          fixed(
            'Instance metrics',
            'every minute',
            'custom metric',
            instances * DETAILED_METRICS_PER_INSTANCE,
          ),
        ]
      : []),
  ];
}

function databaseCosts({ Properties }: TemplateResource, { resources, use }: Surroundings): CostItem[] {
  const type = Properties['DBInstanceClass'] as string;
  const isReplica = Properties['SourceDBInstanceIdentifier'] !== undefined;
  const copies = Properties['MultiAZ'] === true ? 2 : 1;
  // A replica has the storage of its source.
  const storageGb = Math.max(
    ...resources.map(({ Properties }) => Number(Properties['AllocatedStorage'] ?? 0)),
  );
  const what = isReplica ? 'replica' : copies === 2 ? 'with standby' : 'one zone';
  return [
    fixed('MySQL', `${type}, ${what}`, known(`rds ${type}`), copies * HOURS),
    fixed('MySQL storage', `gp3, ${what}`, 'rds gp3', copies * storageGb),
    ...(isReplica
      ? []
      : [
          used(
            'MySQL backups',
            'beyond the size of the storage',
            'rds backup',
            Math.max(0, backupGb(use, Number(Properties['BackupRetentionPeriod'] ?? 0)) - storageGb),
          ),
        ]),
  ];
}

function backupGb({ orders }: MonthlyUse, days: number): number {
  const dataBytes = orders * MONTHS_KEPT * DATABASE_BYTES_PER_ORDER;
  return (dataBytes + days * (orders / 30) * CHANGED_BYTES_PER_ORDER) / GB;
}

function requests({ orders, requestsPerOrder }: MonthlyUse): number {
  return orders * requestsPerOrder;
}

/** Number of request lines that the app logs per month. */
function appLines(use: MonthlyUse, resources: readonly TemplateResource[]): number {
  const reads = use.requestsPerOrder - use.writesPerOrder;
  return use.orders * (use.writesPerOrder + (reads * readsLoggedPercent(resources)) / 100);
}

/** ACCESS_LOG_PERCENT from the user data of the instances or the settings of the pods; 100 without any. */
function readsLoggedPercent(resources: readonly TemplateResource[]): number {
  const types = ['AWS::EC2::LaunchTemplate', 'Custom::AWSCDK-EKS-KubernetesResource'];
  const templates = resources.filter(({ Type }) => types.includes(Type));
  const [, percent] = /ACCESS_LOG_PERCENT\W+(\d+)/.exec(JSON.stringify(templates)) ?? [];
  return Number(percent ?? 100);
}

export function trafficGb(use: MonthlyUse): number {
  return (requests(use) * use.bytesPerReply) / GB;
}

export function crossZoneGb(use: MonthlyUse): number {
  return (requests(use) * CROSS_ZONE_BYTES_PER_REQUEST) / 2 / GB;
}

/** Throws for a type without a price, because a bill without it would be wrong. */
export function known(name: string): PriceName {
  if (!(name in priceList)) throw new Error(`lib/cost/price-list.ts has no price for ${name}; add one`);
  return name as PriceName;
}

export function fixed(item: string, specification: string, price: PriceName, quantity: number): CostItem {
  return { item, specification, part: 'fixed', price, quantity };
}

export function used(item: string, specification: string, price: PriceName, quantity: number): CostItem {
  return { item, specification, part: 'usage', price, quantity };
}
