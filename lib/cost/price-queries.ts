import type { PricedRegion, PriceName } from './price-list.ts';

/** Finds one price in the AWS Price List API. A string per region stands for a value that differs. */
export interface PriceQuery {
  readonly service: string;
  /** Usage type without the region's prefix: `NatGateway-Hours` for `APN2-NatGateway-Hours`. */
  readonly usage: string | Readonly<Record<PricedRegion, string>>;
  /** Attribute that names the region; undefined for a price without a region. */
  readonly regionField?: 'regionCode' | 'fromRegionCode' | undefined;
  /** Further attributes that the product must have. */
  readonly where?: Readonly<Record<string, string>>;
  /** Number of API units in one unit of the price list, apart from a million requests. */
  readonly times?: number;
}

const query = (service: string, usage: string, where: PriceQuery['where'] = {}): PriceQuery => ({
  service,
  usage,
  regionField: 'regionCode',
  where,
});

const worldwide = (service: string, usage: PriceQuery['usage'], where = {}): PriceQuery => ({
  service,
  usage,
  where,
});

const ec2 = (type: string) =>
  query('AmazonEC2', `BoxUsage:${type}`, {
    instanceType: type,
    operatingSystem: 'Linux',
    tenancy: 'Shared',
    preInstalledSw: 'NA',
    capacitystatus: 'Used',
  });
const rds = (usage: string) =>
  query('AmazonRDS', usage, { databaseEngine: 'MySQL', deploymentOption: 'Single-AZ' });
const elastiCache = (cacheEngine: 'Redis' | 'Valkey', type: string) =>
  query('AmazonElastiCache', `NodeUsage:${type}`, { cacheEngine });
const balancer = (usage: string) => query('AWSELB', usage, { productFamily: 'Load Balancer-Application' });
/** CloudFront has a price per group of countries, which its usage types name: America and Asia. */
const cloudFront = (usage: string) =>
  worldwide('AmazonCloudFront', { 'us-east-1': `US-${usage}`, 'ap-northeast-2': `AP-${usage}` });

/**
 * Names of services, attributes and usage types:
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html.
 * They were compared with published copies of the price list, and no account has been asked.
 */
export const priceQueries: Readonly<Record<PriceName, PriceQuery>> = {
  'ec2 t4g.micro': ec2('t4g.micro'),
  'ec2 t4g.small': ec2('t4g.small'),
  'ec2 t4g.medium': ec2('t4g.medium'),
  'ec2 c7g.large': ec2('c7g.large'),
  'auto mode t4g.medium': query('AmazonEKS', 'EKS-Auto:t4g.medium'),
  'auto mode c7g.large': query('AmazonEKS', 'EKS-Auto:c7g.large'),
  'eks cluster': query('AmazonEKS', 'AmazonEKS-Hours:perCluster'),
  'kafka t3.small': query('AmazonMSK', 'Kafka.t3.small'),
  'kafka m7g.large': query('AmazonMSK', 'Kafka.m7g.large'),
  'kafka storage': query('AmazonMSK', 'Kafka.Storage.GP2'),
  'container insights': query('AmazonCloudWatch', 'CW:ContainerInsights-Observations'),
  'kms key': query('awskms', 'KMS-Keys'),
  'ecr storage': query('AmazonECR', 'TimedStorage-ByteHrs'),
  'ebs gp3': query('AmazonEC2', 'EBS:VolumeUsage.gp3'),
  'public IPv4 address': query('AmazonVPC', 'PublicIPv4:InUseAddress'),
  'nat gateway': query('AmazonEC2', 'NatGateway-Hours'),
  'nat traffic': query('AmazonEC2', 'NatGateway-Bytes'),
  'interface endpoint': query('AmazonVPC', 'VpcEndpoint-Hours'),
  // Both directions are charged.
  'traffic between zones': {
    service: 'AWSDataTransfer',
    usage: 'DataTransfer-Regional-Bytes',
    regionField: 'fromRegionCode',
    times: 2,
  },
  'load balancer': balancer('LoadBalancerUsage'),
  'load balancer capacity unit': balancer('LCUUsage'),
  'rds db.t4g.micro': rds('InstanceUsage:db.t4g.micro'),
  'rds db.r7g.large': rds('InstanceUsage:db.r7g.large'),
  'rds gp3': rds('RDS:GP3-Storage'),
  'rds backup': query('AmazonRDS', 'RDS:ChargedBackupUsage', { databaseEngine: 'Any' }),
  'surplus credits': query('AmazonEC2', 'CPUCredits:t4g'),
  'redis cache.t4g.micro': elastiCache('Redis', 'cache.t4g.micro'),
  'redis cache.t4g.small': elastiCache('Redis', 'cache.t4g.small'),
  'valkey cache.t4g.micro': elastiCache('Valkey', 'cache.t4g.micro'),
  'valkey cache.t4g.small': elastiCache('Valkey', 'cache.t4g.small'),
  'rest api requests': query('AmazonApiGateway', 'ApiGatewayRequest'),
  'cloudfront requests': cloudFront('Requests-Tier2-HTTPS'),
  'cloudfront traffic': cloudFront('DataTransfer-Out-Bytes'),
  'cloudfront functions': worldwide('AmazonCloudFront', 'Executions-CloudFrontFunctions'),
  'sqs requests': query('AWSQueueService', 'Requests-RBP'),
  's3 storage': query('AmazonS3', 'TimedStorage-ByteHrs', { volumeType: 'Standard' }),
  's3 writes': query('AmazonS3', 'Requests-Tier1', { group: 'S3-API-Tier1' }),
  's3 reads': query('AmazonS3', 'Requests-Tier2', { group: 'S3-API-Tier2' }),
  'logs taken in': query('AmazonCloudWatch', 'DataProcessing-Bytes'),
  'logs kept': query('AmazonCloudWatch', 'TimedStorage-ByteHrs'),
  'logs delivered to s3': query('AmazonCloudWatch', 'S3-Egress-Bytes'),
  'custom metric': query('AmazonCloudWatch', 'CW:MetricMonitorUsage'),
  'alarm on a metric': query('AmazonCloudWatch', 'CW:AlarmMonitorUsage'),
  dashboard: worldwide('AmazonCloudWatch', 'DashboardsUsageHour'),
  secret: query('AWSSecretsManager', 'AWSSecretsManager-Secrets'),
  'web acl': query('awswaf', 'WebACLV2'),
  'web acl rule': query('awswaf', 'RuleV2'),
  'web acl requests': query('awswaf', 'RequestV2-Tier1'),
  'function calls': query('AWSLambda', 'Request', { group: 'AWS-Lambda-Requests' }),
  'dns queries': worldwide('AmazonRoute53', 'DNS-Queries', { routingType: 'Standard' }),
};
