import { createRowlockClient, RowlockProblem } from '../../client/rowlock-client.ts';
import { watchedFetch } from '../../shared/api.ts';
import type { OrderAnswer, Purchase } from './purchase.ts';

/** Statuses that do not say whether the order was placed, besides those of a server. */
const UNDECIDED: readonly number[] = [408, 425, 429];

/** Sends the purchase once and says what the shop answered. Never throws. */
export async function placeOrder({ key, body }: Purchase): Promise<OrderAnswer> {
  let headers = new Headers();
  const client = createRowlockClient({
    baseUrl: '',
    // The purchase repeats itself, visibly.
    attemptsMax: 1,
    fetch: async (url, init) => {
      const reply = await watchedFetch(url, init);
      headers = reply.headers;
      return reply;
    },
  });
  try {
    const order = await client.call('placeOrder', { body, key });
    return { code: 'ordered', order, isReplay: headers.get('idempotent-replayed') === 'true' };
  } catch (error) {
    if (!(error instanceof RowlockProblem)) return { code: 'lost' };
    if (error.status === 401) return { code: 'session' };
    if (error.status >= 500 || UNDECIDED.includes(error.status)) {
      const seconds = Number(headers.get('retry-after'));
      return { code: 'busy', retryAfterMs: seconds > 0 ? seconds * 1000 : undefined };
    }
    return { code: 'refused', problem: error.problem };
  }
}
