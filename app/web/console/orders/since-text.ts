import { clock, timeOfDay } from '../../shared/format.ts';

/** `12:04:31.204`; with the start of something, how long after it: `+61 ms`, `+2.4 s`. */
export function sinceText(at: string, start?: string): string {
  if (start === undefined) return `${timeOfDay(at)}.${at.slice(20, 23)}`;
  const ms = Date.parse(at) - Date.parse(start);
  if (ms < 1000) return `+${ms} ms`;
  return ms < 100_000 ? `+${(ms / 1000).toFixed(1)} s` : `+${clock(ms)}`;
}
