import type { Finding } from '../check-history.ts';
import { chainBreaks } from '../chain-breaks.ts';
import type { Facts } from '../facts.ts';

/** Charges, payments and refunds of a user form a chain without a gap that ends at the current balance. */
export function balanceChain({ state, balanceChains }: Facts): Finding[] {
  const wallets = new Map(state.wallets.map(({ userId, ...wallet }) => [userId, wallet]));
  return [...balanceChains].flatMap(([userId, chain]) => {
    const wallet = wallets.get(userId);
    const head = wallet && { seq: wallet.balanceSeq, value: wallet.balanceKrw };
    return chainBreaks(chain, head).map((detail) => ({ detail: `balance of ${userId}: ${detail}` }));
  });
}
