/** S3 and SQS, wherever they run. */
export interface AwsEndpoint {
  readonly kind: 'url' | 'embedded' | 'localstack-host' | 'localstack-compose';
  /** Name of the product, for people. */
  readonly product: string;
  readonly version: string;
  /** Base URL without a trailing slash. */
  readonly endpoint: string;
  /** Undefined for a server in a container or one that somebody else runs. */
  readonly pid: number | undefined;
  /** Where it comes from and what it does not do, for people. */
  readonly origin: string;
  /** False where CORS and policies of a bucket are not the server's own. */
  readonly hasBucketConfiguration: boolean;
  /** True where signatures, expiry and POST policies of presigned uploads are checked. */
  readonly checksUploads: boolean;
  /** True where objects and messages outlive stop(). */
  readonly keepsData: boolean;
  /** Resolves with the reason when the process ends; never where there is none. */
  readonly exited: Promise<string>;
  readonly logTail: () => Promise<string>;
  readonly stop: () => Promise<void>;
}
