import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** Every stored effect was requested or existed at the beginning. */
export function unaskedFor({ begin, state, operations, effects }: Facts): Finding[] {
  const earlier = sourcesAtBegin(begin, state);
  return [...effects].flatMap(([key, stored]): Finding[] => {
    if (operations.has(key)) return [];
    return stored
      .filter(({ source }) => !earlier.has(source))
      .map(({ source }) => ({ key, detail: `nobody asked for ${source}` }));
  });
}

/**
 * Charges, adjustments and orders from before the history, by their numbers in the chains; see effects.ts for
 * the names.
 */
function sourcesAtBegin({ shop }: Facts['begin'], state: Facts['state']): Set<string> {
  const balanceSeqs = new Map(shop.users.map(({ userId, balanceSeq }) => [userId, balanceSeq]));
  const stockSeqs = new Map(shop.products.map(({ productId, stockSeq }) => [productId, stockSeq]));
  const isEarlier = (seqs: ReadonlyMap<string, number>, id: string, seq: number) =>
    seq <= (seqs.get(id) ?? 0);
  return new Set([
    ...state.walletEntries
      .filter(({ userId, seq }) => isEarlier(balanceSeqs, userId, seq))
      .map(({ kind, userId, seq }) => `${kind} ${userId} ${seq}`),
    ...state.orders
      .filter(({ userId, balanceSeq }) => isEarlier(balanceSeqs, userId, balanceSeq))
      .map(({ orderId }) => `order ${orderId}`),
    ...state.stockEntries
      .filter(({ productId, seq }) => isEarlier(stockSeqs, productId, seq))
      .map(({ productId, seq }) => `adjustment ${productId} ${seq}`),
  ]);
}
