/** Source and date of a price. No price of the price list was read from an AWS account. */
export interface PriceSource {
  /** Year and month, and the day if it is known; undefined for a price that was not looked up. */
  readonly date: string | undefined;
  readonly url: string;
  /** The publisher of the price, if it was not AWS's own page. */
  readonly read: string;
}

const page = (path: string) => `https://aws.amazon.com/${path}/pricing/`;
const offers = 'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws';

/** A file of AWS's price list, as others have transcribed it. */
const offerFile = (offer: string, region: string, date: string): PriceSource => ({
  date,
  url: `${offers}/${offer}/current/${region}/index.json`,
  read: 'AWS Price List, as transcribed by others',
});
const own = (path: string, date: string | undefined): PriceSource => ({
  date,
  url: page(path),
  read: date === undefined ? 'not looked up' : "AWS's page",
});
const bill: PriceSource = {
  date: '2026-04',
  url:
    'https://github.com/ljkhyeong/happyGallery/blob/ba9cc3fd57ced2a75fd9a0f3326ad6421f21c0d3/' +
    'docs/Retrospective/0010_AWS_비용_과금_원인_점검/retrospective.md',
  read: "a published month's bill: USD by hours",
};
const karpenter: PriceSource = {
  date: '2026-01-19',
  url:
    'https://github.com/aws/karpenter-provider-aws/blob/031e72b6099630e960dacb88b48a7e9bb780945f/' +
    'pkg/providers/pricing/zz_generated.pricing_aws.go',
  read: 'generated from the price list by an AWS project',
};
const factualMinds: PriceSource = {
  date: '2026-06-13',
  url: 'https://www.factualminds.com/blog/amazon-vpc-pricing-endpoints-peering-transit-gateway/',
  read: 'a consultancy, for us-east-1',
};
const usageAi: PriceSource = {
  date: '2026-06',
  url: 'https://www.usage.ai/blogs/aws/reserved-instances/rds/pricing-calculator/',
  read: 'a consultancy, for us-east-1',
};
const cloudWatchPlans: PriceSource = {
  date: '2026-05-05',
  url:
    'https://github.com/api-evangelist/cloudwatch/blob/30bb380939bcd1e85b3a559693ce98743485de92/' +
    'plans/cloudwatch-plans-pricing.yml',
  read: "a transcription of AWS's page, for us-east-1",
};
const everywhereWaf: PriceSource = {
  date: '2026-10-01',
  url: `${offers}/awswaf/current/ap-northeast-2/index.csv`,
  read:
    'AWS Price List, as transcribed by others; the same in all regions, says ' +
    'https://aws.amazon.com/blogs/networking-and-content-delivery/' +
    'cost-effective-ways-for-securing-your-web-applications-using-aws-waf/',
};
const cloudFront: PriceSource = {
  date: '2026-11',
  url: 'https://aws.amazon.com/cloudfront/pricing/pay-as-you-go/',
  read: "a stored copy of AWS's page",
};
const cloudFrontFunctions: PriceSource = {
  date: '2026-11',
  url: 'https://cur.vantage.sh/aws/amazoncloudfront/',
  read: 'a list of billing codes; one price worldwide',
};

const seoul = (offer: string, date = '2026-10-01') => offerFile(offer, 'ap-northeast-2', date);
const virginia = (offer: string, date: string) => offerFile(offer, 'us-east-1', date);

export const priceSources = {
  karpenter,
  bill,
  factualMinds,
  usageAi,
  cloudWatchPlans,
  everywhereWaf,
  cloudFront,
  cloudFrontFunctions,
  'price list api': {
    date: 'today',
    url: 'https://api.pricing.us-east-1.amazonaws.com',
    read: 'AWS Price List API, with your credentials',
  },
  'rds virginia': virginia('AmazonRDS', '2026-09-24'),
  'elasticache virginia': virginia('AmazonElastiCache', '2026-10-02'),
  'sqs virginia': virginia('AWSQueueService', '2026-07-26'),
  'ebs virginia': virginia('AmazonEC2', '2026-06-02'),
  'vpc page': own('vpc', '2026-11'),
  'elb page': own('elasticloadbalancing', '2026-11'),
  'api-gateway page': own('api-gateway', '2026-11'),
  's3 page': own('s3', '2026-11'),
  'secrets page': own('secrets-manager', '2026-11'),
  eks: {
    date: '2026-10',
    url: page('eks'),
    read: 'AWS Price List, as transcribed by others; the same in all regions',
  },
  'eks from memory': own('eks', undefined),
  'msk from memory': own('msk', undefined),
  'kms from memory': own('kms', undefined),
  'ecr from memory': own('ecr', undefined),
  'ec2 from memory': own('ec2', undefined),
  's3 from memory': own('s3', undefined),
  'rds from memory': own('rds/mysql', undefined),
  'elb from memory': own('elasticloadbalancing', undefined),
  'cloudwatch from memory': own('cloudwatch', undefined),
  'lambda from memory': own('lambda', undefined),
  'route53 from memory': own('route53', undefined),
  'ec2 seoul': seoul('AmazonEC2', '2026-09-25'),
  't4g.small seoul': seoul('AmazonEC2', '2026-08-31'),
  'vpc seoul': seoul('AmazonVPC', '2026-09-17'),
  'transfer seoul': seoul('AWSDataTransfer'),
  'elb seoul': seoul('AWSELB'),
  'elasticache seoul': seoul('AmazonElastiCache', '2026-08-03'),
  'api-gateway seoul': seoul('AmazonApiGateway'),
  'sqs seoul': seoul('AWSQueueService'),
  's3 seoul': seoul('AmazonS3', '2026-09-28'),
  'cloudwatch seoul': seoul('AmazonCloudWatch'),
  'secrets seoul': seoul('AWSSecretsManager'),
  'msk seoul': seoul('AmazonMSK', '2026-07-01'),
  'lambda seoul': seoul('AWSLambda'),
} as const satisfies Record<string, PriceSource>;

export type SourceName = keyof typeof priceSources;
