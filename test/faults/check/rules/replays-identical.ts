import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { hasReachedKey } from '../has-reached-key.ts';
import { acknowledgedOf, leavesEffect } from '../operations.ts';

/**
 * All acknowledgements under one key are identical, and at most one of them is not a replay. A replay follows
 * another attempt with this key that began before the replay ended. An acknowledged request is not refused
 * when it is sent again.
 */
export function replaysIdentical({ operations }: Facts): Finding[] {
  return [...operations.values()].flatMap((operation): Finding[] => {
    const { name: key, kind, attempts } = operation;
    if (!leavesEffect(kind)) return [];
    const [first, ...others] = acknowledgedOf(operation);
    if (first === undefined) return [];
    const findings: Finding[] = others
      .filter(({ answer }) => !isDeepStrictEqual(answer.response, first.answer.response))
      .map(({ answer }) => {
        const [response, replay] = [first, { answer }].map((one) => JSON.stringify(one.answer.response));
        return { key, detail: `answered ${response} and later ${replay}` };
      });
    const firsts = [first, ...others].filter(({ answer }) => !answer.replayed);
    if (firsts.length > 1)
      findings.push({ key, detail: `done ${firsts.length} times, none called a replay` });
    for (const { invoke, answer } of [first, ...others]) {
      const before = attempts.filter((other) => other.invoke !== invoke && other.invoke.atMs < answer.atMs);
      if (answer.replayed && before.length === 0)
        findings.push({ key, detail: 'called a replay of nothing' });
    }
    for (const { invoke, answer } of attempts) {
      const isSame = invoke.bodyHash === first.invoke.bodyHash && invoke.atMs > first.answer.atMs;
      if (isSame && answer?.type === 'fail' && hasReachedKey(answer) && kind !== 'claim-coupon') {
        findings.push({
          key,
          detail: `acknowledged, and refused with ${answer.code} when it was sent again`,
        });
      }
    }
    return findings;
  });
}
