import type { MonthlyUse } from './cost-item.ts';

/** What a shop of so many orders a month is taken to need, for an estimate. */
export function expectedUse(orders: number): MonthlyUse {
  return {
    orders,
    // One visitor in ten buys, after three pages of the catalogue.
    requestsPerOrder: 40,
    // Log-in, two changes of the cart, charge, order.
    writesPerOrder: 5,
    bytesPerReply: 4000,
    imagesGb: 5,
    // Thirty pictures of 200 px and two of 1200 px.
    imageBytesPerOrder: 10 * 500_000,
    // Five evenings of four hours.
    busyHours: 20,
  };
}
