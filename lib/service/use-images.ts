import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { imagesBucket } from '../../app/contract/images-bucket.ts';
import type { ProcessName } from '../instance/instance-settings.ts';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import type { AppFleet } from './app-fleet.ts';

/** Lets processes of a fleet keep product images: rights on its two prefixes, and the bucket's name. */
export function useImages(fleet: AppFleet, bucket: IBucket, options: { for: readonly ProcessName[] }): void {
  const { uploadsPrefix, publicPrefix } = imagesBucket;
  // A presigned request carries the rights of the one who signed it; the worker reads uploads, and removes both.
  const rights = [
    ['ImageUploads', uploadsPrefix, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']],
    ['Images', publicPrefix, ['s3:PutObject', 's3:DeleteObject']],
  ] as const;
  for (const [sid, prefix, actions] of rights) {
    fleet.role.addToPolicy(
      new PolicyStatement({ sid, actions: [...actions], resources: [bucket.arnForObjects(`${prefix}*`)] }),
    );
  }
  fleet.role.addToPolicy(
    // To find what a removed image has left; without it S3 also answers "forbidden" for an upload that is not there yet.
    new PolicyStatement({ sid: 'ImageList', actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
  );
  for (const prefix of [uploadsPrefix, publicPrefix]) {
    // The bucket is in another stack: this is the name under which that one exports its ARN.
    const exported = `${Stack.of(bucket).stackName}:ExportsOutputFnGetAttImages2D38C313Arn6C6DDC6E`;
    acknowledgeWildcard(fleet.role, `${exported}/${prefix}*`, 'The objects under one prefix of one bucket.');
  }
  fleet.setVariables(options.for, { IMAGES_BUCKET: bucket.bucketName });
}
