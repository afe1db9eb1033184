/**
 * The one definition of the product image bucket, read by the CDK stack, by the local provisioning and by
 * the tests.
 */

export interface ImagesBucketDefinition {
  /** Name used locally; in an account CloudFormation makes a unique name and passes it to the app. */
  readonly localName: string;
  /** Prefix of uploads by presigned request. Objects under it are never public. */
  readonly uploadsPrefix: string;
  /** Immutable, publicly served objects. */
  readonly publicPrefix: string;
  /** Uploads that were never completed are removed after this many days. */
  readonly uploadExpiryDays: number;
  readonly cors: {
    readonly methods: readonly ('POST' | 'PUT')[];
    readonly headers: readonly string[];
    readonly exposedHeaders: readonly string[];
    /** How long a browser may cache a preflight, in seconds. */
    readonly maxAgeS: number;
  };
}

export const imagesBucket: ImagesBucketDefinition = {
  localName: 'rowlock-images',
  uploadsPrefix: 'uploads/',
  publicPrefix: 'images/',
  uploadExpiryDays: 1,
  cors: {
    // CORS serves uploads only: browsers read images through the shop's own origin.
    methods: ['POST', 'PUT'],
    headers: ['*'],
    exposedHeaders: ['ETag'],
    maxAgeS: 3600,
  },
};
