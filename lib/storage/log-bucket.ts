import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export const balancerLogPrefix = 'balancer';

/** Bucket for access logs that AWS services write: the balancer, the buckets and the network's flow logs. */
export class LogBucket extends Construct {
  readonly bucket: Bucket;

  constructor(
    scope: Construct,
    id: string,
    { keptDays, balancerWrites = true }: { keptDays: number; balancerWrites?: boolean },
  ) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // The balancer cannot write to a bucket with a KMS key.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Logs expire. Remove the rest with `aws s3 rm` before you delete the stack.
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(keptDays) }],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This bucket holds access logs; logging its own writes would never end.',
    });
    if (!balancerWrites) return;
    // The manual names this principal for balancers of every region. It writes below the id of the balancer's
    // account, so balancers of other accounts cannot write here. The CDK adds the statement for flow logs.
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Balancer',
        principals: [new ServicePrincipal('logdelivery.elasticloadbalancing.amazonaws.com')],
        actions: ['s3:PutObject'],
        resources: [this.bucket.arnForObjects(`${balancerLogPrefix}/AWSLogs/${Stack.of(this).account}/*`)],
      }),
    );
  }
}
