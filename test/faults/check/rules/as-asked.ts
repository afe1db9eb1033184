import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/**
 * A stored effect is what an attempt requested: an acknowledged attempt if there is one, otherwise an attempt
 * that did not fail.
 */
export function asAsked({ operations, effects }: Facts): Finding[] {
  return [...operations.values()].flatMap(({ name, attempts, outcome }): Finding[] => {
    const [stored] = effects.get(name) ?? [];
    if (stored === undefined || outcome === 'failed') return [];
    const able = attempts.filter(({ answer }) =>
      outcome === 'acknowledged' ? answer?.type === 'ok' : answer?.type !== 'fail',
    );
    if (able.some(({ invoke }) => stored.isOf(invoke))) return [];
    const asked = able.map(({ invoke }) => JSON.stringify(invoke.request)).join(' or ');
    return [{ key: name, detail: `${asked} was requested; the shop stored ${stored.source}` }];
  });
}
