/** Settings that the roles api and worker share. */
import { z } from 'zod';
import { count, urlOf } from './variable-types.ts';

export const shopVariables = z.object({
  /** Read replica for catalogue reads; unset means the writer serves them. */
  DATABASE_REPLICA_URL: urlOf('mysql:').optional(),
  REDIS_STATE_URL: urlOf('redis:', 'rediss:'),
  IMAGES_BUCKET: z.string().min(3).max(63),
  /** Uploads that were never completed, or were rejected, are deleted after this long. */
  IMAGE_UPLOAD_RETENTION_MS: count(100, 604_800_000).default(86_400_000),
  /** Another worker takes over an image whose worker has not finished within this time. */
  IMAGE_LEASE_MS: count(500, 600_000).default(60_000),
  /**
   * An event that is neither in the outbox nor counted after this long is reported as lost. Must exceed the
   * longest delay of the queue.
   */
  AUDIT_EVENTS_LATE_MS: count(0, 86_400_000).default(900_000),
});

export type ShopConfig = Readonly<z.infer<typeof shopVariables>>;
