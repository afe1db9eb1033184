/**
 * What AWS asks for, in USD, on demand, in us-east-1. Nothing here is read from AWS: a price has the page that
 * states it and the month in which it was last looked up, or that it was not looked up lately. No free tier.
 */
export interface Price {
  readonly usd: number;
  readonly unit: 'hour' | 'GB-month' | 'GB' | 'million' | 'month';
  readonly source: string;
  /** Year and month; undefined for a figure that is older and was not checked. */
  readonly seen: string | undefined;
}

export const pricedRegion = 'us-east-1';

const NOVEMBER_2026 = '2026-11';
const page = (path: string) => `https://aws.amazon.com/${path}/pricing/`;
const ec2 = 'https://aws.amazon.com/ec2/pricing/on-demand/';
const rds = page('rds/mysql');
const elasticache = page('elasticache');
const cloudwatch = page('cloudwatch');

const seen = (usd: number, unit: Price['unit'], source: string): Price => ({
  usd,
  unit,
  source,
  seen: NOVEMBER_2026,
});
const unchecked = (usd: number, unit: Price['unit'], source: string): Price => ({
  usd,
  unit,
  source,
  seen: undefined,
});

export const priceList = {
  'ec2 t4g.micro': unchecked(0.0084, 'hour', ec2),
  'ec2 t4g.small': seen(0.0168, 'hour', ec2),
  'ec2 c7g.large': unchecked(0.0725, 'hour', ec2),
  'ebs gp3': unchecked(0.08, 'GB-month', page('ebs')),
  'public IPv4 address': unchecked(0.005, 'hour', page('vpc')),
  'nat gateway': seen(0.045, 'hour', page('vpc')),
  'nat traffic': seen(0.045, 'GB', page('vpc')),
  'interface endpoint': seen(0.01, 'hour', page('privatelink')),
  'traffic between zones': unchecked(0.02, 'GB', ec2),
  'load balancer': seen(0.0225, 'hour', page('elasticloadbalancing')),
  'load balancer capacity unit': unchecked(0.008, 'hour', page('elasticloadbalancing')),
  'rds db.t4g.micro': seen(0.016, 'hour', rds),
  'rds db.r7g.large': unchecked(0.239, 'hour', rds),
  'rds gp3': seen(0.115, 'GB-month', rds),
  'redis cache.t4g.micro': seen(0.016, 'hour', elasticache),
  'redis cache.t4g.small': unchecked(0.032, 'hour', elasticache),
  'rest api requests': seen(3.5, 'million', page('api-gateway')),
  'cloudfront requests': unchecked(1, 'million', page('cloudfront')),
  'cloudfront traffic': unchecked(0.085, 'GB', page('cloudfront')),
  'cloudfront functions': unchecked(0.1, 'million', page('cloudfront')),
  'sqs requests': seen(0.4, 'million', page('sqs')),
  's3 storage': seen(0.023, 'GB-month', page('s3')),
  'logs taken in': seen(0.5, 'GB', cloudwatch),
  'custom metric': unchecked(0.3, 'month', cloudwatch),
  'alarm on a metric': unchecked(0.1, 'month', cloudwatch),
  dashboard: unchecked(3, 'month', cloudwatch),
  secret: seen(0.4, 'month', page('secrets-manager')),
  'web acl': unchecked(5, 'month', page('waf')),
  'web acl rule': unchecked(1, 'month', page('waf')),
  'web acl requests': unchecked(0.6, 'million', page('waf')),
  'function calls': unchecked(0.2, 'million', page('lambda')),
  'dns queries': unchecked(0.4, 'million', page('route53')),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof priceList;
