import { onThisMachine } from './on-this-machine.ts';

export interface UntilOptions {
  /**
   * Maximum wait; with `progress`, the maximum wait without any. Adapted to the load by on-this-machine.ts.
   */
  readonly timeoutMs?: number;
  /** Measure of progress: the timeout restarts whenever this value differs from the previous poll. */
  readonly progress?: () => unknown;
  /** Pause between two polls. */
  readonly intervalMs?: number;
}

/**
 * Polls until `probe` returns something other than undefined, null or false, and returns it. A probe that
 * throws is repeated. At the deadline, throws an error that names `what` and the last result.
 *
 *   await until('the event is published', async () => (await outboxCount()) === 0);
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 30_000, intervalMs = 20, progress = () => undefined }: UntilOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  let sinceMs = performance.now();
  let reached = progress();
  let looks = 0;
  for (;;) {
    let seen: string;
    looks += 1;
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false>;
      }
      seen = String(value);
    } catch (error) {
      seen = `it threw ${error instanceof Error ? error.message : String(error)}`;
    }
    const now = progress();
    if (now !== reached) sinceMs = performance.now();
    reached = now;
    const waitedMs = Math.floor(performance.now() - sinceMs);
    if (waitedMs >= onThisMachine(timeoutMs)) {
      throw new Error(`waited ${waitedMs} ms for: ${what}; last seen (look ${looks}): ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
