/** Settings of the role data-platform, besides the shared ones. */
import { z } from 'zod';
import { count } from './variable-types.ts';

export const dataPlatformVariables = z.object({
  /** Path of an empty file that the process creates once it has received from the queue. */
  READY_FILE: z.string().min(1).optional(),
  /**
   * How long an event stays known as counted. No message may arrive later: two queues keep one for 28 days.
   */
  INBOX_RETENTION_DAYS: count(28, 3650).default(35),
  /** How often each process removes older rows. */
  INBOX_PURGE_EVERY_MS: count(100, 86_400_000).default(3_600_000),
});

export type DataPlatformConfig = Readonly<z.infer<typeof dataPlatformVariables>>;
