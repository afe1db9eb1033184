import type { Read } from '../platform/mysql/database.ts';
import type { BrokenRow } from './audit-report.ts';
import { type IdRange, idRanges } from './id-ranges-sql.ts';
import { type HourlySales, type HourRange, readCountedSales, readStatistics } from './statistics-rows-sql.ts';

export const everyHour: HourRange = { from: '1000-01-01 00:00:00', to: '9999-12-31 23:00:00' };

/** Maximum concurrently open sums: enough for a shop that sells a million products in an hour. */
const OPEN_MAX = 1_000_000;

/**
 * Finds products and hours for which the statistics differ from the counted events. Both sides are added up
 * while they are read, with opposite signs, and a sum that reaches zero is dropped. Orders are read by id,
 * which is in order of time, so that little more than one hour is open at any moment; only memory use depends
 * on that order. Throws if more than a million sums are open.
 */
export async function auditStatistics(
  read: Read,
  { ids, hours, horizon }: { ids: IdRange; hours: HourRange; horizon: Date },
): Promise<{ broken: BrokenRow[]; sums: number }> {
  const open = new Map<string, { hour: string; productId: string; units: number; revenueKrw: number }>();
  let sums = 0;
  const add = (sales: readonly HourlySales[], sign: 1 | -1) => {
    for (const { hour, productId, units, revenueKrw } of sales) {
      const key = `${hour} ${productId}`;
      const sum = open.get(key) ?? { hour, productId, units: 0, revenueKrw: 0 };
      sum.units += sign * units;
      sum.revenueKrw += sign * revenueKrw;
      if (sum.units === 0 && sum.revenueKrw === 0) open.delete(key);
      else open.set(key, sum);
    }
    if (open.size > OPEN_MAX) throw new Error(`more than ${OPEN_MAX} hourly sums are open at once`);
  };

  let statisticsFrom = hours.from;
  const addStatistics = async (to: string) => {
    if (to <= statisticsFrom) return;
    const rows = await readStatistics(read, { from: statisticsFrom, to });
    sums += rows.length;
    add(rows, 1);
    statisticsFrom = to;
  };
  for await (const range of idRanges(read, { table: 'orders', key: 'id' }, ids)) {
    const counted = await readCountedSales(read, range, { hours, horizon });
    add(counted, -1);
    // The last hour of these orders may continue in the next range; earlier hours are complete.
    const lastHour = counted.reduce((last, { hour }) => (hour > last ? hour : last), statisticsFrom);
    await addStatistics(lastHour);
  }
  await addStatistics(hours.to);

  const broken = [...open.values()].map(({ hour, productId, units, revenueKrw }) => ({
    id: productId,
    detail:
      `hour ${hour}: ${signed(units)} units and ${signed(revenueKrw)} KRW ` +
      'against the events in the inbox',
  }));
  return { broken, sums };
}

function signed(amount: number): string {
  return amount < 0 ? `${amount}` : `+${amount}`;
}
