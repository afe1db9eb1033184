import type { Finding } from '../check-history.ts';
import type { Chain } from '../chains.ts';
import type { Facts } from '../facts.ts';

/**
 * When a change of a stock or balance was acknowledged before another was requested, it precedes the other in
 * the chain.
 */
export function realTimeOrder({ stockChains, balanceChains }: Facts): Finding[] {
  return [...stockChains, ...balanceChains].flatMap(([id, chain]) =>
    outOfOrder(chain).map((detail) => ({ detail: `${id}: ${detail}` })),
  );
}

function outOfOrder(chain: Chain): string[] {
  const found: string[] = [];
  let latest: Chain[number] | undefined;
  for (const change of chain) {
    if (latest !== undefined && change.answeredMs < latest.invokedMs) {
      const earlierMs = (latest.invokedMs - change.answeredMs).toFixed(1);
      found.push(
        `${change.source} (seq ${change.seq}) was acknowledged ${earlierMs} ms before the request of ` +
          `${latest.source} (seq ${latest.seq})`,
      );
    }
    if (latest === undefined || change.invokedMs > latest.invokedMs) latest = change;
  }
  return found;
}
