import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/**
 * Requests under one key leave at most one effect, however often they were sent and whatever their outcome.
 */
export function keyAtMostOnce({ effects }: Facts): Finding[] {
  return [...effects].flatMap(([key, stored]): Finding[] =>
    stored.length <= 1
      ? []
      : [{ key, detail: `there are ${stored.map(({ source }) => source).join(' and ')}` }],
  );
}
