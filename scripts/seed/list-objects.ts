import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { OperationalError } from '../../app/platform/operational-error.ts';

/** The keys of one page of a listing (S3 API). */
const KEYS_MAX = 1000;

/** Sizes in bytes of the objects whose key begins with the prefix, by key; at most 1,000 of them. Throws OperationalError. */
export async function listObjects(options: {
  bucket: string;
  prefix: string;
  region: string;
  endpoint: string | undefined;
}): Promise<Map<string, number>> {
  const { bucket, prefix, region, endpoint } = options;
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  try {
    const answer = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: KEYS_MAX }),
    );
    const objects = answer.Contents ?? [];
    return new Map(objects.flatMap(({ Key, Size }) => (Key === undefined ? [] : [[Key, Size ?? 0]])));
  } catch (error) {
    throw new OperationalError('dependency_unavailable', 'S3 failed', { cause: error });
  } finally {
    client.destroy();
  }
}
