import { EVENTS_PER_MESSAGE } from '../../app/contract/order-events-queue.ts';
import type { MonthlyUse } from './cost-item.ts';

/** Five evenings of four hours. */
const BUSY_HOURS = 20;
/** A process collects later events for this long before its next message leaves (publish-events.ts). */
const LINGER_S = 0.05;
/** The smallest fleet of the API; each process sends messages of its own. */
const PROCESSES = 2;

/** Assumed use of a shop with this many orders per month. */
export function expectedUse(orders: number): MonthlyUse {
  const ordersPerSecond = orders / (BUSY_HOURS * 3600);
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
    busyHours: BUSY_HOURS,
    // Orders are sold in the busy hours. At a steady rate each message takes those of one linger time.
    ordersPerMessage: Math.min(EVENTS_PER_MESSAGE, 1 + (ordersPerSecond / PROCESSES) * LINGER_S),
  };
}
