import type { FailLine } from '../history/history-line.ts';

/** No answer, no session, not read in time, too many requests. */
const NOT_REACHED: ReadonlySet<number> = new Set([0, 401, 408, 429]);

/** True if the code that refused this request had already checked what its key has done before. */
export function hasReachedKey({ status }: FailLine): boolean {
  return !NOT_REACHED.has(status);
}
