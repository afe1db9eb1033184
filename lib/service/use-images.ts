import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { imagesBucket } from '../../app/contract/images-bucket.ts';
import type { ProcessName } from '../instance/instance-settings.ts';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import type { ProcessHost } from './process-host.ts';

/** Lets processes of a host store product images: permissions on both prefixes, and the bucket's name. */
export function useImages(
  host: ProcessHost,
  bucket: IBucket,
  options: { for: readonly ProcessName[] },
): void {
  const { uploadsPrefix, publicPrefix } = imagesBucket;
  // A presigned request has the permissions of its signer. The worker reads uploads and deletes below both
  // prefixes.
  const rights = [
    ['ImageUploads', uploadsPrefix, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject']],
    ['Images', publicPrefix, ['s3:PutObject', 's3:DeleteObject']],
  ] as const;
  for (const [sid, prefix, actions] of rights) {
    host.role.addToPolicy(
      new PolicyStatement({ sid, actions: [...actions], resources: [bucket.arnForObjects(`${prefix}*`)] }),
    );
  }
  host.role.addToPolicy(
    // Finds the remains of a removed image. Without it, S3 would also answer "forbidden" for an upload that
    // does not exist yet.
    new PolicyStatement({ sid: 'ImageList', actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
  );
  for (const prefix of [uploadsPrefix, publicPrefix]) {
    // The bucket's stack exports the ARN under this name.
    const exported = `${Stack.of(bucket).stackName}:ExportsOutputFnGetAttImages2D38C313Arn6C6DDC6E`;
    acknowledgeWildcard(host.role, `${exported}/${prefix}*`, 'The objects below one prefix of one bucket.');
  }
  host.setVariables(options.for, { IMAGES_BUCKET: bucket.bucketName });
}
