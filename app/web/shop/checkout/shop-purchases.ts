import { keptForTab } from '../../shared/kept-values.ts';
import { placeOrder } from './place-order.ts';
import { createPurchases } from './purchase.ts';

/** The purchases of this tab. */
export const purchases = createPurchases({
  place: placeOrder,
  kept: keptForTab,
  newKey: () => crypto.randomUUID(),
  nowMs: () => Date.now(),
  pause: (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms);
    }),
});
