import { isIP } from 'node:net';
import type { BaseOptions } from '@platformatic/kafka';
import type { Log } from '../observe/log.ts';
import { type AwsCredentials, mskIamToken } from './msk-iam-token.ts';

export interface KafkaSettings {
  /** Host and port of one or several brokers. */
  readonly brokers: readonly string[];
  readonly tls: boolean;
  /** Login with IAM (Amazon MSK); undefined for brokers that ask for no login. */
  readonly iam?:
    | { readonly region: string; readonly readCredentials: () => Promise<AwsCredentials> }
    | undefined;
  readonly clientId: string;
}

export interface KafkaTransportOptions {
  readonly settings: KafkaSettings;
  readonly topic: string;
  readonly deadLetterTopic: string;
  /** Consumer group. */
  readonly group: string;
  /** Whether events are received here; then ping() asks for the dead letter topic too. */
  readonly consumes: boolean;
  readonly log: Log;
}

/**
 * Loads the client when it is first needed: it takes 60 MB and half a second, which a process on SQS should
 * not pay.
 */
export const loadKafkaClient = () => import('@platformatic/kafka');

/** Every call to a broker ends within this time. An election of a new leader takes 5 to 8 s. */
export const CALL_DEADLINE_MS = 4000;
const CONNECT_TIMEOUT_MS = 1500;
const RETRIES = 2;
const RETRY_DELAY_MS = 250;

const FETCH_BYTES_MAX = 1024 * 1024;

/** Bound the memory of a consumer: with the client's defaults it took 430 MB. */
export const fetchLimits = {
  minBytes: 1,
  maxBytes: FETCH_BYTES_MAX,
  maxBytesPerPartition: FETCH_BYTES_MAX,
  // The next fetch begins once fewer records are left. One may bring a thousand, or a single one of 1 MiB.
  highWaterMark: 16,
} as const;

export function connectionOptions({ brokers, tls, iam, clientId }: KafkaSettings): BaseOptions {
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: CALL_DEADLINE_MS,
    timeout: CALL_DEADLINE_MS,
    retries: RETRIES,
    retryDelay: RETRY_DELAY_MS,
    autocreateTopics: false,
    // A server name that is an address is not allowed (RFC 6066, section 3).
    ...(tls ? { tls: { rejectUnauthorized: true }, tlsServerName: !brokers.some(isAddress) } : {}),
    ...(iam === undefined
      ? {}
      : {
          sasl: { mechanism: 'OAUTHBEARER', token: () => iamToken(iam) },
        }),
  };
}

/** Code of the failure that ends before a broker is asked. */
export const NO_CREDENTIALS = 'NO_CREDENTIALS';

async function iamToken({ region, readCredentials }: NonNullable<KafkaSettings['iam']>): Promise<string> {
  const credentials = await readCredentials().catch((cause: unknown) => {
    throw Object.assign(new Error('no AWS credentials', { cause }), { code: NO_CREDENTIALS });
  });
  return mskIamToken({ region, credentials, now: new Date() });
}

const isAddress = (broker: string) => isIP(broker.replace(/:\d+$/, '')) !== 0;

/** Rejects with `what` once the deadline has passed. The call itself may still complete. */
export async function within<Result>(
  call: Promise<Result>,
  what: string,
  deadlineMs = CALL_DEADLINE_MS,
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${what} took longer than ${deadlineMs} ms`)),
    deadlineMs,
  );
  try {
    return await Promise.race([call, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
