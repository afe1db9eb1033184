import type { MonthlyUse } from './cost-item.ts';

/** Assumed use of a shop with this many orders per month. */
export function expectedUse(orders: number): MonthlyUse {
  return {
    orders,
    // One in ten visitors buys, after three pages of the catalogue.
    requestsPerOrder: 40,
    // Log-in, two cart changes, charge, order.
    writesPerOrder: 5,
    bytesPerReply: 4000,
    imagesGb: 5,
    // Per visitor, thirty images of 200 px and two of 1200 px.
    imageBytesPerOrder: 10 * 500_000,
    // Five evenings of four hours.
    busyHours: 20,
  };
}
