/** S3 and SQS, wherever they run. */
export interface AwsEndpoint {
  readonly kind: 'url' | 'embedded' | 'localstack-host' | 'localstack-compose';
  /** Product name for messages. */
  readonly product: string;
  readonly version: string;
  /** Base URL without a trailing slash. */
  readonly endpoint: string;
  /** Undefined for a server in a container or one that this project did not start. */
  readonly pid: number | undefined;
  /** Origin and limits, for messages. */
  readonly origin: string;
  /** False when the server itself has no bucket CORS and policies. */
  readonly hasBucketConfiguration: boolean;
  /** True when the server checks signatures, expiry and POST policies of presigned uploads. */
  readonly checksUploads: boolean;
  /** True when objects and messages survive stop(). */
  readonly keepsData: boolean;
  /** Resolves with the reason when the process ends; never without a process. */
  readonly exited: Promise<string>;
  readonly logTail: () => Promise<string>;
  readonly stop: () => Promise<void>;
}
