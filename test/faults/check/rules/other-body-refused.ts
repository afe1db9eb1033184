import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { acknowledgedOf, leavesEffect } from '../operations.ts';

/**
 * When two different requests share a key, at most one is acknowledged. The other is refused as a reused key
 * only if one was acknowledged.
 */
export function otherBodyRefused({ operations }: Facts): Finding[] {
  return [...operations.values()].flatMap((operation): Finding[] => {
    const { name: key, kind, attempts } = operation;
    if (!leavesEffect(kind)) return [];
    const acknowledged = new Set(acknowledgedOf(operation).map(({ invoke }) => invoke.bodyHash));
    if (acknowledged.size > 1) return [{ key, detail: 'two different requests were acknowledged' }];
    const asked = new Set(attempts.map(({ invoke }) => invoke.bodyHash));
    const refused = attempts.filter(
      ({ answer }) => answer?.type === 'fail' && answer.code === 'idempotency_key_reused',
    );
    return refused
      .filter(({ invoke }) => asked.size === 1 || acknowledged.has(invoke.bodyHash))
      .map(() => ({ key, detail: 'called another request than the one before, which it was not' }));
  });
}
