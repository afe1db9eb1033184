import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** An operation refused on every attempt leaves no effect. */
export function failedAbsent({ operations, effects }: Facts): Finding[] {
  return [...operations.values()].flatMap(({ name, outcome, attempts }): Finding[] => {
    const [stored] = effects.get(name) ?? [];
    if (outcome !== 'failed' || stored === undefined) return [];
    const codes = attempts.map(({ answer }) => (answer?.type === 'fail' ? answer.code : 'nothing'));
    return [{ key: name, detail: `refused with ${codes.join(', ')}; there is ${stored.source}` }];
  });
}
