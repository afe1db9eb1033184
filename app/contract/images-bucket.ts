/**
 * The one definition of the product image bucket, read by the CDK stack, by the local provisioning and by
 * the tests.
 */

export interface ImagesBucketDefinition {
  /** Name used locally; in an account CloudFormation makes a unique name and passes it to the app. */
  readonly localName: string;
  /** Where a browser may put a file with a presigned request. Nothing under it is ever public. */
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
    // Only uploads need it: images are read through the shop's own origin.
    methods: ['POST', 'PUT'],
    headers: ['*'],
    exposedHeaders: ['ETag'],
    maxAgeS: 3600,
  },
};
