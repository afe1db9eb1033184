import { OperationalError } from '../operational-error.ts';

const CONNECT_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 3000;
const ATTEMPTS_MAX = 2;
/** CloudFront is one service for all regions, reached and signed for here. */
const REGION = 'us-east-1';

export interface EdgeCache {
  /**
   * Makes CloudFront forget what it holds under these paths; resolves once it has taken the request, some
   * seconds before every location has. The same reference invalidates once, however often it is sent.
   */
  invalidate(request: { readonly reference: string; readonly paths: readonly string[] }): Promise<void>;
  close(): Promise<void>;
}

/** The cache of one distribution. The client is loaded with the first call: most processes have none. */
export function openEdgeCache(options: {
  readonly distributionId: string;
  /** Set by tests; the SDK's own default otherwise. */
  readonly endpoint?: string | undefined;
}): EdgeCache {
  const { distributionId: DistributionId, endpoint } = options;
  const open = async () => {
    const { CloudFrontClient, CreateInvalidationCommand } = await import('@aws-sdk/client-cloudfront');
    const client = new CloudFrontClient({
      region: REGION,
      ...(endpoint === undefined ? {} : { endpoint }),
      maxAttempts: ATTEMPTS_MAX,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        // The SDK's default is to log a warning and to wait on.
        throwOnRequestTimeout: true,
        socketTimeout: REQUEST_TIMEOUT_MS,
      },
    });
    return { client, CreateInvalidationCommand };
  };
  let opening: ReturnType<typeof open> | undefined;

  return {
    async invalidate({ reference: CallerReference, paths: Items }) {
      const { client, CreateInvalidationCommand } = await (opening ??= open());
      const Paths = { Quantity: Items.length, Items: [...Items] };
      try {
        await client.send(
          new CreateInvalidationCommand({ DistributionId, InvalidationBatch: { CallerReference, Paths } }),
        );
      } catch (error) {
        const failure = `CloudFront ${DistributionId} took no invalidation`;
        throw new OperationalError('dependency_unavailable', failure, { cause: error });
      }
    },
    async close() {
      if (opening !== undefined) (await opening).client.destroy();
    },
  };
}
