import type { Sample } from '../../history/history-line.ts';
import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/** Stocks, balances and coupons add up in every sample. */
export function samplesConserve({ samples }: Facts): Finding[] {
  return samples.flatMap((sample) =>
    wrongSums(sample).map((detail) => ({ detail: `at ${sample.atMs.toFixed(1)} ms: ${detail}` })),
  );
}

function wrongSums({ products, wallets, coupons }: Sample): string[] {
  const wrong: string[] = [];
  for (const { productId, quantity, stockSeq, entered, sold, changes } of products) {
    if (quantity < 0 || quantity !== entered - sold) {
      wrong.push(`stock of ${productId}: ${quantity} left, ${entered} entered, ${sold} sold`);
    }
    if (changes !== stockSeq) wrong.push(`stock of ${productId}: seq ${stockSeq} after ${changes} changes`);
  }
  for (const { userId, balanceKrw, balanceSeq, enteredKrw, changes } of wallets) {
    if (balanceKrw < 0 || balanceKrw !== enteredKrw) {
      wrong.push(`balance of ${userId}: ${balanceKrw}, the ledger adds up to ${enteredKrw}`);
    }
    if (changes !== balanceSeq)
      wrong.push(`balance of ${userId}: seq ${balanceSeq} after ${changes} changes`);
  }
  for (const { couponId, quantity, issuedCount, issued, used, inOrders } of coupons) {
    if (issued !== issuedCount || issued > quantity) {
      wrong.push(`coupon ${couponId}: ${issued} issued, ${issuedCount} counted, ${quantity} there are`);
    }
    if (used !== inOrders) wrong.push(`coupon ${couponId}: ${used} used, ${inOrders} in orders`);
  }
  return wrong;
}
