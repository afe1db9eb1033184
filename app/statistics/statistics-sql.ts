import type { Database, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** A change to the sums of a product and hour; negative for cancellations. */
export interface SalesDelta {
  /** Start of the hour, UTC. */
  readonly hour: Date;
  readonly productId: string;
  readonly units: number;
  readonly revenueKrw: number;
}

export interface ProductSales {
  readonly productId: string;
  readonly units: number;
  readonly revenueKrw: number;
}

/** Adds the deltas, ascending by primary key, so that concurrent consumers lock rows in the same order. */
export async function addSales(tx: Transaction, deltas: readonly SalesDelta[]): Promise<void> {
  if (deltas.length === 0) return;
  const sorted = deltas.toSorted(
    (a, b) => a.hour.getTime() - b.hour.getTime() || (a.productId < b.productId ? -1 : 1),
  );
  await tx.write(
    `INSERT INTO product_sales_hourly (sales_hour, product_id, units, revenue) VALUES ?
     ON DUPLICATE KEY UPDATE units = units + VALUES(units), revenue = revenue + VALUES(revenue)`,
    [sorted.map(({ hour, productId, units, revenueKrw }) => [hour, uuidBytes(productId), units, revenueKrw])],
  );
}

/**
 * Products sorted by units sold between two hours, both inclusive; ties by revenue, then by id. Excludes sums
 * that are not positive. Reads a range of the primary key: 72 hours of a thousand products are 72,000 narrow
 * rows.
 */
export async function listTopSellers(
  database: Database,
  { from, to, limit, offset }: { from: Date; to: Date; limit: number; offset: number },
): Promise<ProductSales[]> {
  const rows = await database.read<{ product_id: Buffer; units: number; revenue: number }>(
    `SELECT product_id, SUM(units) AS units, SUM(revenue) AS revenue
     FROM product_sales_hourly WHERE sales_hour BETWEEN ? AND ?
     GROUP BY product_id HAVING SUM(units) > 0
     ORDER BY SUM(units) DESC, SUM(revenue) DESC, product_id LIMIT ? OFFSET ?`,
    [from, to, limit, offset],
  );
  return rows.map((row) => ({
    productId: uuidText(row.product_id),
    units: row.units,
    revenueKrw: row.revenue,
  }));
}
