import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { OperationalError } from '../operational-error.ts';

const CONNECT_TIMEOUT_MS = 1000;
/**
 * Until the head of the response. Two attempts fit into the request deadline of 8 s, so that the reply can
 * name the dependency.
 */
const REQUEST_TIMEOUT_MS = 3000;
/** Between two chunks of a body. */
const IDLE_TIMEOUT_MS = 3000;

/** What a presigned request permits: one object of one type, size and content. */
export interface UploadTerms {
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256Base64: string;
  readonly expiresInS: number;
}

export interface Bucket {
  presignPost(terms: UploadTerms): Promise<{ url: string; fields: Record<string, string> }>;
  presignPut(terms: UploadTerms): Promise<{ url: string; headers: Record<string, string> }>;
  /** Returns size and type of an object, or undefined when it does not exist. */
  head(key: string): Promise<{ sizeBytes: number; contentType: string | undefined } | undefined>;
  /**
   * Returns the object, or undefined when it does not exist. Of an object larger than `sizeMaxBytes` it
   * returns that much and one byte more.
   */
  read(key: string, sizeMaxBytes: number): Promise<Buffer | undefined>;
  /** Writes a public, immutable object. */
  write(key: string, body: Buffer, contentType: string): Promise<void>;
  /** Does nothing when the object does not exist. */
  delete(key: string): Promise<void>;
  /** Returns up to 1,000 keys that begin with the prefix. */
  list(prefix: string): Promise<string[]>;
  ping(): Promise<void>;
  close(): void;
}

export interface BucketOptions {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
}

/** Immutable objects are cached for a year. A changed image has another key. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Every method that calls S3 throws OperationalError `dependency_unavailable` when S3 fails. */
export function openBucket(options: BucketOptions): Bucket {
  const { bucket: Bucket } = options;
  const client = openClient(options);
  const call = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new OperationalError('dependency_unavailable', 'S3 failed', { cause: error });
    }
  };

  return {
    presignPost: ({ key, contentType, sizeBytes, sha256Base64, expiresInS }) =>
      createPresignedPost(client, {
        Bucket,
        Key: key,
        Expires: expiresInS,
        Fields: {
          'Content-Type': contentType,
          'x-amz-checksum-algorithm': 'SHA256',
          'x-amz-checksum-sha256': sha256Base64,
        },
        Conditions: [
          ['content-length-range', sizeBytes, sizeBytes],
          ['eq', '$Content-Type', contentType],
          ['eq', '$x-amz-checksum-sha256', sha256Base64],
        ],
      }),
    async presignPut({ key, contentType, sizeBytes, sha256Base64, expiresInS }) {
      const command = new PutObjectCommand({
        Bucket,
        Key: key,
        ContentType: contentType,
        ContentLength: sizeBytes,
        ChecksumSHA256: sha256Base64,
      });
      const signableHeaders = new Set(['content-type', 'content-length']);
      const unhoistableHeaders = new Set(['x-amz-checksum-sha256']);
      const url = await getSignedUrl(client, command, {
        expiresIn: expiresInS,
        signableHeaders,
        unhoistableHeaders,
      });
      return { url, headers: { 'Content-Type': contentType, 'x-amz-checksum-sha256': sha256Base64 } };
    },
    async head(key) {
      try {
        const { ContentLength, ContentType } = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
        return { sizeBytes: ContentLength ?? 0, contentType: ContentType };
      } catch (error) {
        if (error instanceof NotFound) return undefined;
        throw new OperationalError('dependency_unavailable', 'S3 failed', { cause: error });
      }
    },
    async read(key, sizeMaxBytes) {
      try {
        const Range = `bytes=0-${sizeMaxBytes}`;
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key, Range }));
        return Buffer.from((await Body?.transformToByteArray()) ?? []);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        // The response to a range of an empty object.
        if (error instanceof S3ServiceException && error.name === 'InvalidRange') return Buffer.alloc(0);
        throw new OperationalError('dependency_unavailable', 'S3 failed', { cause: error });
      }
    },
    write: async (key, body, contentType) => {
      const command = { Bucket, Key: key, Body: body, ContentType: contentType, CacheControl: IMMUTABLE };
      await call(client.send(new PutObjectCommand(command)));
    },
    delete: async (key) => {
      await call(client.send(new DeleteObjectCommand({ Bucket, Key: key })));
    },
    list: async (prefix) => {
      const { Contents = [] } = await call(client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix })));
      return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    },
    ping: async () => {
      await call(client.send(new HeadBucketCommand({ Bucket })));
    },
    close: () => client.destroy(),
  };
}

function openClient({ region, endpoint }: BucketOptions): S3Client {
  return new S3Client({
    region,
    // The stand-ins for S3 have no DNS name per bucket.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 2,
    // Otherwise a presigned PUT carries the checksum of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // The SDK's default is to log a warning and to wait on.
      throwOnRequestTimeout: true,
      socketTimeout: IDLE_TIMEOUT_MS,
    },
  });
}
