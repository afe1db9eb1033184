import type { Read, SqlValue } from '../platform/mysql/database.ts';
import { firstUuidAt, uuidTime } from '../platform/uuid.ts';
import type { OrderIdRange, OrderIds } from './order-ids-sql.ts';

/**
 * Ids carry the time at which an order arrived, seqs follow the order of the sales. An order is placed within
 * seconds of its arrival, and clocks of instances differ by less than that. So of two sales that are further
 * apart than this, the later one also has the higher id.
 */
const DISORDER_MS = 10_000;

/** Entries that one statement looks up. On a network, round trips take longer than rows. */
const PROBES = 7;

interface SaleRow {
  order_id: Buffer;
  stock_seq: number;
}

/**
 * Ids of the product's orders in the range, the latest sale first. Continues before the sale of `after`, or
 * before its time if that order is not of the product. Reads order_items_stock_seq backwards, at most `limit`
 * entries. To find where a time is in that index, it first looks up single entries, seven per statement:
 * eight statements among a million.
 */
export async function readProductOrderIds(
  read: Read,
  productId: Buffer,
  { from, until, after }: OrderIdRange,
  limit: number,
): Promise<OrderIds> {
  const lastSeq = after === undefined ? undefined : await seqOf(read, productId, after);
  const upTo = after ?? until;
  const below = lastSeq ?? (await seqAt(read, productId, upTo && shifted(upTo, DISORDER_MS)));
  const bounds = [
    ...(until === undefined ? [] : [{ sql: 'AND order_id < ?', value: until }]),
    ...(from === undefined ? [] : [{ sql: 'AND order_id >= ?', value: from }]),
  ];
  // Sales on the wrong side of a bound stand within its disorder; beyond that none is on the right side.
  const lowest = from === undefined ? 0 : await seqAt(read, productId, shifted(from, -DISORDER_MS));
  const rows = await readSales(
    read,
    `product_id = ? AND stock_seq < ? AND stock_seq >= ? ${bounds.map(({ sql }) => sql).join(' ')}
     ORDER BY stock_seq DESC LIMIT ?`,
    [productId, below, lowest, ...bounds.map(({ value }) => value), limit],
  );
  const ids = rows.map(({ order_id: id }) => id);
  return { ids, last: ids.length === limit ? ids.at(-1) : undefined };
}

async function seqOf(read: Read, productId: Buffer, orderId: Buffer): Promise<number | undefined> {
  const [row] = await read<SaleRow>(
    'SELECT order_id, stock_seq FROM order_items WHERE order_id = ? AND product_id = ?',
    [orderId, productId],
  );
  return row?.stock_seq;
}

/** The seq of a sale that arrived at `time` or later, after one that did not; no time: above all. */
async function seqAt(read: Read, productId: Buffer, time: Buffer | undefined): Promise<number> {
  const [newest] = await readSales(read, 'product_id = ? ORDER BY stock_seq DESC LIMIT 1', [productId]);
  let high = newest === undefined ? 0 : newest.stock_seq + 1;
  let low = time === undefined ? high : 0;
  while (low < high) {
    const places = placesBetween(low, high);
    const sales = await readSalesFrom(read, productId, places);
    for (const place of places) {
      const sale = sales.get(place);
      if (sale === undefined || (time !== undefined && sale.order_id.compare(time) >= 0)) {
        high = place;
        break;
      }
      low = sale.stock_seq + 1;
    }
  }
  return low;
}

/** At most seven different seqs from `low` to below `high`, ascending, that divide the range evenly. */
function placesBetween(low: number, high: number): number[] {
  const step = (high - low) / (PROBES + 1);
  const places = Array.from({ length: PROBES }, (_, index) => Math.floor(low + step * (index + 1)));
  return [...new Set(places)];
}

/** For each of these seqs the first sale from there on, if there is one. */
async function readSalesFrom(
  read: Read,
  productId: Buffer,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, SaleRow>> {
  const one = `(SELECT ? AS place, order_id, stock_seq FROM order_items FORCE INDEX (order_items_stock_seq)
    WHERE product_id = ? AND stock_seq >= ? ORDER BY stock_seq LIMIT 1)`;
  const rows = await read<SaleRow & { place: number }>(
    seqs.map(() => one).join(' UNION ALL '),
    seqs.flatMap((seq) => [seq, productId, seq]),
  );
  return new Map(rows.map((row) => [row.place, row]));
}

function readSales(read: Read, where: string, values: readonly SqlValue[]): Promise<SaleRow[]> {
  return read<SaleRow>(
    `SELECT order_id, stock_seq FROM order_items FORCE INDEX (order_items_stock_seq) WHERE ${where}`,
    values,
  );
}

function shifted(id: Buffer, ms: number): Buffer {
  return firstUuidAt(new Date(uuidTime(id).getTime() + ms));
}
