/** Settings of the role worker, besides the shared ones. */
import { z } from 'zod';
import { count } from './variable-types.ts';

export const workerVariables = z.object({
  /** Path of an empty file that the process creates once its loops run. */
  READY_FILE: z.string().min(1).optional(),
  RELAY_POLL_MS: count(10, 60_000).default(250),
  /** How long a relay owns the outbox rows that it has claimed. */
  RELAY_LEASE_MS: count(100, 600_000).default(30_000),

  /** How often coupon counters in Redis are set to the database's values, once for the whole fleet. */
  COUPON_RECONCILE_EVERY_MS: count(100, 3_600_000).default(5000),

  /** How often one worker looks for expired uploads. */
  IMAGE_SWEEP_EVERY_MS: count(100, 86_400_000).default(600_000),
  /** Images processed at once; each takes a core and up to 400 MB. */
  IMAGE_LANES: count(1, 4).default(1),
  IMAGE_POLL_MS: count(10, 60_000).default(500),

  /** How often the product listing is compared with the products, once for the whole fleet. */
  LISTING_RECONCILE_EVERY_MS: count(100, 86_400_000).default(300_000),

  /** CloudFront distribution whose copies of /products end with an admin's change; unset: by max-age. */
  EDGE_DISTRIBUTION_ID: z
    .string()
    .regex(/^[A-Z0-9]{8,32}$/, 'must be the id of a distribution')
    .optional(),
  /** Shortest time between two invalidations. */
  EDGE_INVALIDATE_EVERY_MS: count(100, 600_000).default(5000),

  /** How often one worker audits new rows; 0 turns it off. */
  AUDIT_EVERY_MS: count(0, 86_400_000).default(60_000),
  /** How often the audit reads every row instead. */
  AUDIT_FULL_EVERY_MS: count(1000, 604_800_000).default(86_400_000),
});

export type WorkerConfig = Readonly<z.infer<typeof workerVariables>>;
