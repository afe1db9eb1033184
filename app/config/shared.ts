/** Settings of every role. */
import { z } from 'zod';
import { count, urlOf } from './variable-types.ts';

export const sharedVariables = z.object({
  /** Deployment stage; a dimension of metrics and part of every log line. */
  STAGE: z.string().min(1).max(32).default('local'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  /** Longest drain after SIGTERM before the process ends regardless. */
  DRAIN_TIMEOUT_MS: count(100, 120_000).default(25_000),
  /** Interval between lines of metrics; 0 turns metrics off. */
  METRICS_EVERY_MS: count(0, 600_000).default(10_000),

  DATABASE_URL: urlOf('mysql:'),
  /**
   * Name or ARN of the secret that holds the database login. The app reads it when the database rejects the
   * login in the URLs.
   */
  DATABASE_SECRET_ID: z.string().min(1).optional(),
  DATABASE_POOL_MAX: count(1, 64).default(8),

  AWS_REGION: z.string().min(1).default('ap-northeast-2'),
  /** Endpoint of LocalStack or of the embedded server; unset means AWS. */
  AWS_ENDPOINT_URL: urlOf('http:', 'https:').optional(),
});

export type SharedConfig = Readonly<z.infer<typeof sharedVariables>>;
