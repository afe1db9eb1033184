import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { acknowledgedOf, leavesEffect } from '../operations.ts';

/** Every acknowledged effect is stored. */
export function acknowledgedPresent({ operations, effects }: Facts): Finding[] {
  return [...operations.values()].flatMap((operation): Finding[] => {
    const { name, kind, outcome } = operation;
    if (!leavesEffect(kind)) return [];
    if (outcome !== 'acknowledged' || effects.has(name)) return [];
    const [first] = acknowledgedOf(operation);
    return [
      { key: name, detail: `acknowledged as ${JSON.stringify(first?.answer.response)}, and not there` },
    ];
  });
}
