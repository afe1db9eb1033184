import { SQSClient } from '@aws-sdk/client-sqs';

/**
 * Reads the credentials of the process as every client of the SDK does: environment, container or instance.
 * They are cached and renewed before they expire.
 */
export function createCredentialsReader(region: string) {
  const { config } = new SQSClient({ region });
  return () => config.credentials();
}
