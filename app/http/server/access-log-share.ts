/** A read that takes longer always gets its line. */
const SLOW_MS = 1000;

export interface LoggedAnswer {
  readonly method: string | undefined;
  readonly status: number;
  /** Whether all of it was sent. */
  readonly completed: boolean;
  readonly durationMs: number;
}

/**
 * Of how many percent of such requests the log has a line, or undefined when this one gets none. Successful reads, of
 * which there are thousands a second, are drawn by lot; what writes, is refused, fails, breaks off or is slow counts 100.
 */
export function accessLogShare(
  { method, status, completed, durationMs }: LoggedAnswer,
  readsPercent: number,
  random: () => number,
): number | undefined {
  const isPlainRead =
    (method === 'GET' || method === 'HEAD') && status < 400 && completed && durationMs < SLOW_MS;
  if (!isPlainRead) return 100;
  return random() * 100 < readsPercent ? readsPercent : undefined;
}
