export interface UntilOptions {
  /** Longest wait. */
  readonly timeoutMs?: number;
  /** Pause between two looks. */
  readonly intervalMs?: number;
}

/**
 * Looks again and again until `probe` answers something other than undefined, null or false, and returns it.
 * A probe that throws counts as "not yet". At the deadline it throws what was waited for and what was seen
 * last, so that a failed wait explains itself.
 *
 *   await until('the event is published', async () => (await outboxCount()) === 0);
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 20 }: UntilOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadlineMs = performance.now() + timeoutMs;
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
    if (performance.now() >= deadlineMs) {
      throw new Error(`waited ${timeoutMs} ms for: ${what}; last seen (look ${looks}): ${seen}`);
    }
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
}
