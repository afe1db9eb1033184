import type { Finding } from '../check-history.ts';
import { chainBreaks } from '../chain-breaks.ts';
import type { Facts } from '../facts.ts';

/** Sales, adjustments and restocks of a product form a chain without a gap that ends at its current stock. */
export function stockChain({ state, stockChains }: Facts): Finding[] {
  const stocks = new Map(state.stocks.map(({ productId, ...stock }) => [productId, stock]));
  return [...stockChains].flatMap(([productId, chain]) => {
    const stock = stocks.get(productId);
    const head = stock && { seq: stock.stockSeq, value: stock.quantity };
    return chainBreaks(chain, head).map((detail) => ({ detail: `stock of ${productId}: ${detail}` }));
  });
}
