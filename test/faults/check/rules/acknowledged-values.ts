import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { acknowledgedOf } from '../operations.ts';

/** Acknowledged effects are stored as acknowledged: amounts, prices, places in the chains. */
export function acknowledgedValues({ operations, effects }: Facts): Finding[] {
  return [...operations.values()].flatMap((operation): Finding[] => {
    const stored = effects.get(operation.name) ?? [];
    if (stored.length === 0) return [];
    return acknowledgedOf(operation).flatMap(({ answer }): Finding[] => {
      const contradictions = stored.map((effect) => firstContradiction(effect.answer, answer.response));
      if (contradictions.includes(undefined)) return [];
      return [{ key: operation.name, detail: `${stored[0]?.source}: ${contradictions[0]}` }];
    });
  });
}

/**
 * Path at which an answer differs from `expected`; fields that `expected` does not name may have any value.
 */
function firstContradiction(expected: unknown, found: unknown, path = ''): string | undefined {
  if (typeof expected !== 'object' || expected === null) {
    if (Object.is(expected, found)) return undefined;
    return `${path} is ${JSON.stringify(expected)} and was acknowledged as ${JSON.stringify(found)}`;
  }
  if (typeof found !== 'object' || found === null)
    return `${path} was acknowledged as ${JSON.stringify(found)}`;
  if (Array.isArray(expected) && expected.length !== (found as unknown[]).length) {
    return `${path} has ${expected.length} entries and was acknowledged with ${(found as unknown[]).length}`;
  }
  for (const [field, value] of Object.entries(expected)) {
    const contradiction = firstContradiction(
      value,
      (found as Record<string, unknown>)[field],
      `${path}/${field}`,
    );
    if (contradiction !== undefined) return contradiction;
  }
  return undefined;
}
