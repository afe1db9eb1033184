import { machinePace } from '../../../scripts/test-suites/machine-pace.ts';
import { until } from '../until.ts';

/** Pause between two attempts, so that a busy process does not get busier. */
const PAUSE_MS = 100;

interface Reply {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request again, as a client should, while its answer is 503 busy_retry. `send` must use the same
 * idempotency key each time, because the rejected request may have been executed.
 */
export function insist<R extends Reply>(
  send: () => Promise<R>,
  isTolerated: () => boolean = () => true,
): Promise<R> {
  return until(
    'an answer other than busy_retry',
    async () => {
      const reply = await send();
      const isBusy = reply.status === 503 && reply.text.includes('"busy_retry"');
      return isBusy && isTolerated() ? undefined : reply;
    },
    { intervalMs: PAUSE_MS },
  );
}

/** The same for a crowd of which an otherwise idle machine rejects none: there, the first answer counts. */
export function insistOnBusyMachine<R extends Reply>(send: () => Promise<R>): Promise<R> {
  return insist(send, () => machinePace() > 1);
}
