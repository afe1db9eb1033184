import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { LogBucket } from './log-bucket.ts';
import { imagesBucket } from '../../app/contract/images-bucket.ts';

export interface StorageStackProps extends StackProps {
  /** Origins whose pages may upload with a presigned request, such as `https://shop.example.com`. */
  readonly uploadOrigins: readonly string[];
  /** Retention of the access logs of buckets, balancer and network. */
  readonly logDays: number;
  /** Deletes the buckets with the stack, which fails while they hold objects. */
  readonly disposable: boolean;
}

/** A deleted image can be restored for this long. */
const DELETED_KEPT_DAYS = 30;

const methods = { POST: HttpMethods.POST, PUT: HttpMethods.PUT } as const;

/**
 * The private buckets: product images as app/contract/images-bucket.ts defines them, pages, and access logs.
 */
export class StorageStack extends Stack {
  readonly images: Bucket;
  /** The pages of shop and console, under `shop/` and `console/`. */
  readonly pages: Bucket;
  readonly logs: Bucket;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    super(scope, id, props);
    const { cors } = imagesBucket;
    this.logs = new LogBucket(this, 'Logs', { keptDays: props.logDays }).bucket;
    const settings: BucketProps = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      serverAccessLogsBucket: this.logs,
      // Orders refer to these images for as long as the database lives.
      removalPolicy: props.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    };
    this.images = new Bucket(this, 'Images', {
      ...settings,
      serverAccessLogsPrefix: 'buckets/images/',
      // Versions restore an image that was deleted by mistake. A stage that is deleted with its data has
      // none, because `aws s3 rm` empties only a bucket without versions.
      versioned: !props.disposable,
      cors: [
        {
          allowedMethods: cors.methods.map((method) => methods[method]),
          allowedOrigins: [...props.uploadOrigins],
          allowedHeaders: [...cors.headers],
          exposedHeaders: [...cors.exposedHeaders],
          maxAge: cors.maxAgeS,
        },
      ],
      lifecycleRules: [
        {
          id: 'expire-uploads',
          prefix: imagesBucket.uploadsPrefix,
          expiration: Duration.days(imagesBucket.uploadExpiryDays),
          noncurrentVersionExpiration: Duration.days(imagesBucket.uploadExpiryDays),
          abortIncompleteMultipartUploadAfter: Duration.days(imagesBucket.uploadExpiryDays),
        },
        {
          id: 'expire-deleted',
          noncurrentVersionExpiration: Duration.days(DELETED_KEPT_DAYS),
          expiredObjectDeleteMarker: true,
        },
      ],
    });
    this.pages = new Bucket(this, 'Pages', { ...settings, serverAccessLogsPrefix: 'buckets/pages/' });
    letCloudFrontRead(this.images, `${imagesBucket.publicPrefix}*`);
    letCloudFrontRead(this.pages, '*');
  }
}

/**
 * Lets every distribution of this account read the objects. The ARN names the account: for this principal AWS
 * documents only aws:SourceArn, and a condition on a key that CloudFront does not send would reject every
 * read. It cannot name the one distribution, whose stack is deployed after this one. Uploads have another
 * prefix.
 */
function letCloudFrontRead(bucket: Bucket, objects: string): void {
  const { partition, account } = Stack.of(bucket);
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'CloudFront',
      principals: [new ServicePrincipal('cloudfront.amazonaws.com')],
      actions: ['s3:GetObject'],
      resources: [bucket.arnForObjects(objects)],
      conditions: {
        ArnLike: { 'AWS:SourceArn': `arn:${partition}:cloudfront::${account}:distribution/*` },
      },
    }),
  );
}
