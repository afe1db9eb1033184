import type { Read } from '../platform/mysql/database.ts';
import { uuidText } from '../platform/uuid.ts';
import { cancelledEventId } from './event-rows-sql.ts';
import type { IdRange } from './id-ranges-sql.ts';

/** Sums per product and hour. */
export interface HourlySales {
  /** Start of the hour, UTC, as MySQL writes a DATETIME. */
  readonly hour: string;
  readonly productId: string;
  readonly units: number;
  readonly revenueKrw: number;
}

/** Hours from `from` (inclusive) to `to` (exclusive). */
export interface HourRange {
  readonly from: string;
  readonly to: string;
}

interface SalesRow {
  hour: string;
  product_id: Buffer;
  units: number;
  revenue: number;
}

/**
 * Sums of the counted events of these orders: sales positive, cancellations negative. An event is counted if
 * it is in the inbox, or if it happened before the inbox's horizon and is not waiting in the outbox. Uses
 * primary keys.
 */
export async function readCountedSales(
  read: Read,
  { from, to }: IdRange,
  { hours, horizon }: { hours: HourRange; horizon: Date },
): Promise<HourlySales[]> {
  const rows = await read<SalesRow>(
    `SELECT hour, product_id, SUM(quantity * sign) AS units, SUM(quantity * unit_price * sign) AS revenue
     FROM (
       SELECT DATE_FORMAT(o.created_at, '%Y-%m-%d %H:00:00') AS hour, i.product_id, i.quantity, i.unit_price,
         ${isCounted('sale', 'o.created_at')}
           - (o.status = 'CANCELLED' AND ${isCounted('cancellation', 'o.cancelled_at')}) AS sign
       FROM orders o JOIN order_items i ON i.order_id = o.id
       LEFT JOIN processed_events sale ON sale.event_id = o.id
       LEFT JOIN outbox unsent_sale ON unsent_sale.event_id = o.id
       LEFT JOIN processed_events cancellation
         ON o.status = 'CANCELLED' AND cancellation.event_id = ${cancelledEventId('o.id')}
       LEFT JOIN outbox unsent_cancellation
         ON o.status = 'CANCELLED' AND unsent_cancellation.event_id = ${cancelledEventId('o.id')}
       WHERE o.id > ? AND o.id <= ? AND o.created_at >= ? AND o.created_at < ?) counted
     GROUP BY hour, product_id`,
    [horizon, horizon, from, to, hours.from, hours.to],
  );
  return rows.map(salesOf);
}

function isCounted(event: 'sale' | 'cancellation', happenedAt: string): string {
  const isPurged = `COALESCE(${happenedAt}, o.created_at) < ? AND unsent_${event}.event_id IS NULL`;
  return `(${event}.event_id IS NOT NULL OR (${isPurged}))`;
}

/** The statistics of these hours. Reads a range of the primary key. */
export async function readStatistics(read: Read, hours: HourRange): Promise<HourlySales[]> {
  const rows = await read<SalesRow>(
    `SELECT DATE_FORMAT(sales_hour, '%Y-%m-%d %H:%i:%s') AS hour, product_id, units, revenue
     FROM product_sales_hourly WHERE sales_hour >= ? AND sales_hour < ?`,
    [hours.from, hours.to],
  );
  return rows.map(salesOf);
}

function salesOf({ hour, product_id: productId, units, revenue }: SalesRow): HourlySales {
  return { hour, productId: uuidText(productId), units, revenueKrw: revenue };
}
