import type { Chain } from '../chains.ts';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';
import { hasReachedKey } from '../has-reached-key.ts';
import { acknowledgedOf } from '../operations.ts';

/**
 * An effect that any reader has seen is not refused to a later request for it, even if the original request
 * never got an answer. No answer may deny an effect whose own answer was lost.
 */
export function knownNotRefused(facts: Facts): Finding[] {
  const known = knownSince(facts);
  return [...facts.operations.values()].flatMap(({ name: key, kind, attempts }): Finding[] => {
    const knownMs = known.get(key);
    // A second claim of a coupon is refused because of the first one.
    if (knownMs === undefined || kind === 'claim-coupon') return [];
    const stored = facts.effects.get(key) ?? [];
    return attempts.flatMap(({ invoke, answer }) =>
      answer?.type === 'fail' &&
      hasReachedKey(answer) &&
      invoke.atMs > knownMs &&
      stored.some((effect) => effect.isOf(invoke))
        ? [{ key, detail: `refused with ${answer.code}; it had been there` }]
        : [],
    );
  });
}

/** Time from which the changes of an operation were certainly stored, by operation. */
function knownSince({ operations, samples, stockChains, balanceChains }: Facts): Map<string, number> {
  const looks = new Map<string, { seq: number; atMs: number }[]>();
  const look = (id: string, seq: number, atMs: number): void => {
    looks.set(id, [...(looks.get(id) ?? []), { seq, atMs }]);
  };
  for (const { products, wallets, atMs } of samples) {
    for (const { productId, stockSeq } of products) look(productId, stockSeq, atMs);
    for (const { userId, balanceSeq } of wallets) look(userId, balanceSeq, atMs);
  }
  for (const operation of operations.values()) {
    if (operation.kind !== 'read-balance') continue;
    for (const { invoke, answer } of acknowledgedOf(operation)) {
      look(invoke.user, (answer.response as { balanceSeq: number }).balanceSeq, answer.atMs);
    }
  }
  const known = new Map<string, number>();
  for (const [id, chain] of [...stockChains, ...balanceChains]) {
    for (const [operation, atMs] of knownOfChain(chain, looks.get(id) ?? [])) {
      known.set(operation, Math.min(known.get(operation) ?? Infinity, atMs));
    }
  }
  return known;
}

/**
 * A reader that has seen a change of a chain has seen all changes before it. An acknowledged change follows
 * all changes before it.
 */
function knownOfChain(
  chain: Chain,
  looks: readonly { readonly seq: number; readonly atMs: number }[],
): [string, number][] {
  const bySeq = Map.groupBy(looks, ({ seq }) => seq);
  let knownMs = Infinity;
  return chain.toReversed().flatMap(({ seq, answeredMs, operation }): [string, number][] => {
    knownMs = Math.min(knownMs, answeredMs, ...(bySeq.get(seq) ?? []).map(({ atMs }) => atMs));
    return operation === undefined ? [] : [[operation, knownMs]];
  });
}
