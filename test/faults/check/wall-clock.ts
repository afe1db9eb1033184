import type { Facts } from './facts.ts';
import type { Span } from './product-terms.ts';

/** Faults that set the clocks of processes that decide orders and claims, with their maximum offset in ms. */
const CLOCK_FAULTS: Readonly<Record<string, number>> = {
  'clock-api': 2 * 60 * 60 * 1000,
  'cache-stampede': 61_000,
  'lock-expiry': 61_000,
};
/** Tolerance between two readings of one clock. */
const MACHINE_MS = 1000;

export interface WallClock {
  /** Maximum error of a process's clock in this run. */
  readonly errorMs: number;
  /** True if a wall-clock time, in ms since 1970, may have been during this span of the history. */
  isWithin(wallMs: number, span: Span): boolean;
}

/** The machine's own clock may have been set during the run: the history contains readings of it. */
export function wallClock({
  begin,
  samples,
  faults,
}: Pick<Facts, 'begin' | 'samples' | 'faults'>): WallClock {
  const errorMs = MACHINE_MS + Math.max(0, ...faults.map(({ name }) => CLOCK_FAULTS[name] ?? 0));
  const offsets = [begin, ...samples].map(({ wallMs, atMs }) => wallMs - atMs);
  const [least, most] = [Math.min(...offsets), Math.max(...offsets)];
  return {
    errorMs,
    isWithin: (wallMs, { fromMs, toMs }) =>
      wallMs >= fromMs + least - errorMs && wallMs <= toMs + most + errorMs,
  };
}
