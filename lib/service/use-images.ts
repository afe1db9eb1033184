import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { imagesBucket } from '../../app/contract/images-bucket.ts';
import type { ProcessName } from '../instance/instance-settings.ts';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import type { AppFleet } from './app-fleet.ts';

/** Lets processes of a fleet store product images: permissions on both prefixes, and the bucket's name. */
export function useImages(fleet: AppFleet, bucket: IBucket, options: { for: readonly ProcessName[] }): void {
  const { uploadsPrefix, publicPrefix } = imagesBucket;
  // A presigned request has the permissions of its signer. The worker reads uploads and deletes below both
  // prefixes.
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
    // Finds the remains of a removed image. Without it, S3 would also answer "forbidden" for an upload that
    // does not exist yet.
    new PolicyStatement({ sid: 'ImageList', actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
  );
  for (const prefix of [uploadsPrefix, publicPrefix]) {
    // The bucket's stack exports the ARN under this name.
    const exported = `${Stack.of(bucket).stackName}:ExportsOutputFnGetAttImages2D38C313Arn6C6DDC6E`;
    acknowledgeWildcard(fleet.role, `${exported}/${prefix}*`, 'The objects below one prefix of one bucket.');
  }
  fleet.setVariables(options.for, { IMAGES_BUCKET: bucket.bucketName });
}
