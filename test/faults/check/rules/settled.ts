import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { leavesEffect } from '../operations.ts';

/** Every keyed operation ends: after the faults it was acknowledged or, in the last attempt, refused. */
export function settled({ operations }: Facts): Finding[] {
  return [...operations.values()].flatMap(({ name: key, kind, attempts, outcome }): Finding[] => {
    if (!leavesEffect(kind) || outcome === 'acknowledged') return [];
    const last = attempts.at(-1)?.answer;
    if (last !== undefined && last.type !== 'unknown') return [];
    return [{ key, detail: `after ${attempts.length} attempts: ${last?.why ?? 'no answer'}` }];
  });
}
