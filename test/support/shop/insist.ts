import type { HttpReply } from './http-client.ts';
import { until } from '../until.ts';

/** Between two attempts. A busy process is not made busier. */
const PAUSE_MS = 100;
/** A wait ends by the time limit of its test, unless requests are never answered. */
const TIMEOUT_MS = 120_000;

/**
 * Sends a request again, as a client should, while its answer is 503 busy_retry: a busy machine rejects some of a crowd.
 * `send` must use the same idempotency key each time, because the rejected request may have been executed.
 */
export function insist<B>(
  send: () => Promise<HttpReply<B>>,
  onBusy: () => void = () => undefined,
): Promise<HttpReply<B>> {
  return until(
    'an answer other than busy_retry',
    async () => {
      const reply = await send();
      if (reply.status !== 503 || (reply.body as { code?: unknown }).code !== 'busy_retry') return reply;
      onBusy();
      return undefined;
    },
    { timeoutMs: TIMEOUT_MS, intervalMs: PAUSE_MS },
  );
}
