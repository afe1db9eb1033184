/**
 * On-demand prices of AWS in two regions, in USD, without a free tier. A price without a source for a region
 * is left out: the estimate lists its line as not priced, and never uses the price of another region or
 * engine instead.
 */
import type { SourceName } from './price-sources.ts';

export const pricedRegions = ['us-east-1', 'ap-northeast-2'] as const;

export type PricedRegion = (typeof pricedRegions)[number];

export interface Quote {
  readonly usd: number;
  readonly source: SourceName;
}

export interface Price {
  readonly unit: 'hour' | 'GB-month' | 'GB' | 'million' | 'month';
  readonly 'us-east-1': Quote | undefined;
  readonly 'ap-northeast-2': Quote | undefined;
}

type UsdAndSource = readonly [usd: number, source: SourceName];

const price = (unit: Price['unit'], virginia?: UsdAndSource, seoul?: UsdAndSource): Price => ({
  unit,
  'us-east-1': virginia && { usd: virginia[0], source: virginia[1] },
  'ap-northeast-2': seoul && { usd: seoul[0], source: seoul[1] },
});

const HTTPS_PER_MILLION = 100;

export const priceList = {
  'ec2 t4g.micro': price('hour', [0.0084, 'karpenter'], [0.0104, 'ec2 seoul']),
  'ec2 t4g.small': price('hour', [0.0168, 'karpenter'], [0.0208, 't4g.small seoul']),
  'ec2 t4g.medium': price('hour', [0.0336, 'ec2 from memory'], [0.0416, 'ec2 from memory']),
  'ec2 c7g.large': price('hour', [0.0725, 'karpenter']),
  'ebs gp3': price('GB-month', [0.08, 'ebs virginia'], [0.0912, 'ec2 seoul']),
  // Auto Mode adds 12 % to the price of the instance.
  'auto mode t4g.medium': price('hour', [0.00403, 'eks from memory'], [0.00499, 'eks from memory']),
  'auto mode c7g.large': price('hour', [0.0087, 'eks from memory']),
  'eks cluster': price('hour', [0.1, 'eks'], [0.1, 'eks']),
  'kafka t3.small': price('hour', [0.0456, 'msk from memory'], [0.0569, 'msk seoul']),
  'kafka m7g.large': price('hour', [0.204, 'msk from memory']),
  'kafka storage': price('GB-month', [0.1, 'msk from memory'], [0.114, 'msk seoul']),
  'container insights': price('million', [0.21, 'cloudwatch from memory']),
  'kms key': price('month', [1, 'kms from memory'], [1, 'kms from memory']),
  'ecr storage': price('GB-month', [0.1, 'ecr from memory'], [0.1, 'ecr from memory']),
  'public IPv4 address': price('hour', [0.005, 'factualMinds'], [0.005, 'vpc seoul']),
  'nat gateway': price('hour', [0.045, 'vpc page'], [0.059, 'ec2 seoul']),
  'nat traffic': price('GB', [0.045, 'vpc page'], [0.059, 'ec2 seoul']),
  'interface endpoint': price('hour', [0.01, 'factualMinds'], [0.013, 'vpc seoul']),
  // 0.01 in each direction.
  'traffic between zones': price('GB', [0.02, 'factualMinds'], [0.02, 'transfer seoul']),
  'load balancer': price('hour', [0.0225, 'elb page'], [0.0225, 'elb seoul']),
  'load balancer capacity unit': price('hour', [0.008, 'elb from memory'], [0.008, 'elb seoul']),
  'rds db.t4g.micro': price('hour', [0.016, 'rds virginia'], [0.025, 'bill']),
  'rds db.r7g.large': price('hour', [0.239, 'rds virginia']),
  'rds gp3': price('GB-month', [0.115, 'usageAi']),
  'rds backup': price('GB-month', [0.095, 'rds from memory'], [0.095, 'rds from memory']),
  // Per core of an unlimited T4g.
  'surplus credits': price('hour', [0.04, 'ec2 from memory'], [0.04, 'ec2 from memory']),
  'redis cache.t4g.micro': price('hour', [0.016, 'elasticache virginia'], [0.024, 'elasticache seoul']),
  'redis cache.t4g.small': price('hour', [0.032, 'elasticache virginia'], [0.047, 'elasticache seoul']),
  'valkey cache.t4g.micro': price('hour', [0.0128, 'elasticache virginia'], [0.0192, 'elasticache seoul']),
  'valkey cache.t4g.small': price('hour', [0.0256, 'elasticache virginia'], [0.0376, 'elasticache seoul']),
  'rest api requests': price('million', [3.5, 'api-gateway page'], [3.5, 'api-gateway seoul']),
  // The visitor's location decides: America and Europe, or Korea.
  'cloudfront requests': price(
    'million',
    [0.01 * HTTPS_PER_MILLION, 'cloudFront'],
    [0.012 * HTTPS_PER_MILLION, 'cloudFront'],
  ),
  'cloudfront traffic': price('GB', [0.085, 'cloudFront'], [0.12, 'cloudFront']),
  'cloudfront functions': price('million', [0.1, 'cloudFrontFunctions'], [0.1, 'cloudFrontFunctions']),
  'sqs requests': price('million', [0.4, 'sqs virginia'], [0.4, 'sqs seoul']),
  's3 storage': price('GB-month', [0.023, 's3 page'], [0.025, 's3 seoul']),
  's3 writes': price('million', [5, 's3 from memory'], [4.5, 's3 from memory']),
  's3 reads': price('million', [0.4, 's3 from memory'], [0.35, 's3 from memory']),
  'logs taken in': price('GB', [0.5, 'cloudWatchPlans'], [0.76, 'cloudwatch seoul']),
  // Logs are stored compressed; lib/cost/resource-costs.ts has the factor.
  'logs kept': price('GB-month', [0.03, 'cloudWatchPlans'], [0.0314, 'cloudwatch from memory']),
  // Logs that an AWS service writes to S3.
  'logs delivered to s3': price('GB', [0.25, 'cloudwatch from memory'], [0.38, 'cloudwatch from memory']),
  'custom metric': price('month', [0.3, 'cloudWatchPlans'], [0.3, 'cloudwatch seoul']),
  'alarm on a metric': price('month', [0.1, 'cloudWatchPlans'], [0.1, 'cloudwatch seoul']),
  // One price worldwide, per account.
  dashboard: price('month', [3, 'cloudwatch from memory'], [3, 'cloudwatch from memory']),
  secret: price('month', [0.4, 'secrets page'], [0.4, 'secrets seoul']),
  'web acl': price('month', [5, 'everywhereWaf'], [5, 'everywhereWaf']),
  'web acl rule': price('month', [1, 'everywhereWaf'], [1, 'everywhereWaf']),
  'web acl requests': price('million', [0.6, 'everywhereWaf'], [0.6, 'everywhereWaf']),
  'function calls': price('million', [0.2, 'lambda from memory'], [0.2, 'lambda seoul']),
  // One price worldwide.
  'dns queries': price('million', [0.4, 'route53 from memory'], [0.4, 'route53 from memory']),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof priceList;
