import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

export const balancerLogPrefix = 'balancer';

/** Where AWS services put their access logs: the balancer, the buckets and the network's flow logs. */
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
      // The balancer writes to no bucket with a key of KMS.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // It expires by itself; what is left goes with `aws s3 rm` before the stack is deleted.
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ id: 'expire', expiration: Duration.days(keptDays) }],
    });
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This is the bucket of the access logs; logging its own writes would feed itself.',
    });
    if (!balancerWrites) return;
    // The principal that the manual names for balancers of every region, which writes for each account under that
    // account's id: those of strangers stay out. Flow logs get theirs from the CDK.
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
