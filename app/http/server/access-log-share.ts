/** Slower reads are always logged. */
const SLOW_MS = 1000;

export interface LoggedAnswer {
  readonly method: string | undefined;
  readonly status: number;
  /** Whether the whole response was sent. */
  readonly completed: boolean;
  readonly durationMs: number;
}

/**
 * The percentage of such requests that is logged; undefined when this one is not. Successful reads, of which
 * there are thousands per second, are sampled. Writes and rejected, failed, truncated or slow requests are
 * always logged: 100.
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
