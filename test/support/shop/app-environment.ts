import { emulatorEnvironment } from '../../../localstack/aws/provision.ts';
import type { TestAws } from '../servers/aws.ts';
import { onThisMachine } from '../on-this-machine.ts';

/** The app's whole configuration for these servers: no limits, and no periodic writes. */
export function appEnvironment(
  database: { readonly url: string },
  redis: { readonly url: string },
  aws: Pick<TestAws, 'endpointUrl' | 'region' | 'queueUrl' | 'bucket' | 'imagesBaseUrl'>,
  events: Readonly<Record<string, string>> = { ORDER_EVENTS_QUEUE_URL: aws.queueUrl },
): Record<string, string> {
  return {
    STAGE: 'test',
    HTTP_PORT: '0',
    COOKIE_SECURE: 'false',
    DRAIN_TIMEOUT_MS: String(Math.round(onThisMachine(5000))),
    DATABASE_URL: database.url,
    REDIS_STATE_URL: redis.url,
    REDIS_CACHE_URL: redis.url,
    AWS_REGION: aws.region,
    AWS_ENDPOINT_URL: aws.endpointUrl,
    ...emulatorEnvironment,
    ...events,
    IMAGES_BUCKET: aws.bucket,
    IMAGES_BASE_URL: aws.imagesBaseUrl,
    // The lowest value that the app accepts: 5 ms instead of 0.4 s per login.
    PASSWORD_HASHING: 'argon2id:m=1024,t=1',
    // Periodic writes of a worker would disturb tests that compare all tables.
    AUDIT_EVERY_MS: '0',
    METRICS_EVERY_MS: '0',
    // All requests of all tests come from one address, and many come from one user.
    RATE_LIMIT_USER: 'off',
    RATE_LIMIT_ADDRESS: 'off',
    RATE_LIMIT_AUTH: 'off',
    RATE_LIMIT_GUEST_CARTS: 'off',
    RATE_LIMIT_STATUS: 'off',
    LOGIN_FAILURES_PAIR: 'off',
    LOGIN_FAILURES_ADDRESS: 'off',
    LOGIN_FAILURES_ACCOUNT: 'off',
  };
}
