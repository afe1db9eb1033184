import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { imagesBucket } from '../images-bucket.ts';

export interface StorageStackProps extends StackProps {
  /** Origins whose pages may upload with a presigned request, such as https://shop.example.com. */
  readonly uploadOrigins: readonly string[];
}

const methods = { POST: HttpMethods.POST, PUT: HttpMethods.PUT } as const;

/** The private bucket of product images, as lib/images-bucket.ts defines it. */
export class StorageStack extends Stack {
  readonly images: Bucket;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    super(scope, id, props);
    const { cors } = imagesBucket;
    this.images = new Bucket(this, 'Images', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Orders refer to these pictures for as long as the database lives.
      removalPolicy: RemovalPolicy.RETAIN,
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
          abortIncompleteMultipartUploadAfter: Duration.days(imagesBucket.uploadExpiryDays),
        },
      ],
    });
  }
}
