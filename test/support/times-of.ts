const REPEATS = 100;

/** Median and 99th percentile of 100 runs, one after the other, in milliseconds. */
export async function timesOf(work: () => Promise<unknown>): Promise<{ p50: number; p99: number }> {
  const durations: number[] = [];
  for (let count = 0; count < REPEATS; count += 1) {
    const startMs = performance.now();
    await work();
    durations.push(performance.now() - startMs);
  }
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(share * REPEATS) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
