import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDelivery, CfnDeliveryDestination, CfnDeliverySource } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { LogBucket } from '../storage/log-bucket.ts';

export interface DistributionLogProps {
  readonly stage: string;
  readonly distributionId: string;
  readonly keptDays: number;
}

/** Neither cookies nor query strings: a log must not hold what people search for. */
const fields = [
  'date',
  'time',
  'c-ip',
  'cs-method',
  'cs-uri-stem',
  'cs(User-Agent)',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'x-edge-location',
  'x-edge-result-type',
  'x-edge-response-result-type',
  'x-edge-request-id',
];

/**
 * Access log of a distribution: one JSON object per request, below `cdn/`. It uses CloudFront's standard
 * logging v2, which needs no bucket with ACLs. Must be in us-east-1. No other log has cached replies and
 * requests that the web ACL blocked.
 */
export class DistributionLog extends Construct {
  constructor(scope: Construct, id: string, { stage, distributionId, keptDays }: DistributionLogProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const name = `rowlock-${stage}-cdn`;
    const { bucket } = new LogBucket(this, 'Logs', { keptDays, balancerWrites: false });
    const delivers = new PolicyStatement({
      sid: 'Delivery',
      principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('cdn/*')],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account, 's3:x-amz-acl': 'bucket-owner-full-control' },
        ArnLike: {
          'aws:SourceArn': Arn.format(
            {
              service: 'logs',
              resource: 'delivery-source',
              resourceName: name,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            },
            stack,
          ),
        },
      },
    });
    bucket.addToResourcePolicy(delivers);
    const source = new CfnDeliverySource(this, 'Source', {
      name,
      logType: 'ACCESS_LOGS',
      resourceArn: Arn.format(
        { service: 'cloudfront', region: '', resource: 'distribution', resourceName: distributionId },
        stack,
      ),
    });
    const destination = new CfnDeliveryDestination(this, 'Destination', {
      name,
      destinationResourceArn: `${bucket.bucketArn}/cdn`,
      outputFormat: 'json',
    });
    const delivery = new CfnDelivery(this, 'Delivery', {
      deliverySourceName: source.name,
      deliveryDestinationArn: destination.attrArn,
      recordFields: fields,
      s3SuffixPath: '{yyyy}/{MM}/{dd}/{HH}',
    });
    delivery.node.addDependency(source, bucket);
  }
}
