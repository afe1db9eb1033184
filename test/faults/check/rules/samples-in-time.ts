import type { SampleLine } from '../../history/history-line.ts';
import { type Chain, placesWithin, valueAt } from '../chains.ts';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/**
 * Values that the reader saw during the run are in the final chains, at the same places. A sample is not
 * older than what was acknowledged before it and not newer than what was requested after it. Samples never go
 * back.
 */
export function samplesInTime({ samples, stockChains, balanceChains }: Facts): Finding[] {
  const seen = samples.flatMap((sample): Seen[] => [
    ...sample.products.map(({ productId, quantity, stockSeq }) => {
      return { id: productId, chain: stockChains.get(productId), seq: stockSeq, value: quantity, sample };
    }),
    ...sample.wallets.map(({ userId, balanceKrw, balanceSeq }) => {
      return { id: userId, chain: balanceChains.get(userId), seq: balanceSeq, value: balanceKrw, sample };
    }),
  ]);
  const last = new Map<string, Seen>();
  return seen.flatMap((look): Finding[] => {
    const before = last.get(look.id);
    last.set(look.id, look);
    const wentBack =
      before !== undefined && before.sample.atMs <= look.sample.fromMs && look.seq < before.seq
        ? `seq ${look.seq} after seq ${before.seq}`
        : undefined;
    const detail = wentBack ?? contradiction(look);
    return detail === undefined
      ? []
      : [{ detail: `${look.id} at ${look.sample.atMs.toFixed(1)} ms: ${detail}` }];
  });
}

interface Seen {
  readonly id: string;
  readonly chain: Chain | undefined;
  readonly seq: number;
  readonly value: number;
  readonly sample: SampleLine;
}

function contradiction({ chain = [], seq, value, sample }: Seen): string | undefined {
  const { from, to } = placesWithin(chain, { fromMs: sample.fromMs, toMs: sample.atMs });
  if (seq < from || seq > to) return `seen at seq ${seq}, which was between ${from} and ${to}`;
  const stored = valueAt(chain, seq);
  return stored === value ? undefined : `seen as ${value} at seq ${seq}, where it is ${stored}`;
}
