import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** However often something was asked for under one key, whatever became of it, it is there once at most. */
export function keyAtMostOnce({ effects }: Facts): Finding[] {
  return [...effects].flatMap(([key, stored]): Finding[] =>
    stored.length <= 1
      ? []
      : [{ key, detail: `there are ${stored.map(({ source }) => source).join(' and ')}` }],
  );
}
