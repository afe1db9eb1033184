import { uuidText } from '../../app/platform/uuid.ts';
import { ledgerFaults } from '../support/ledger-faults.ts';
import type { BenchShop } from './bench-shop.ts';
import { PRELOADED_KEY } from './preload-orders.ts';
import type { ServerProcess } from './server-process.ts';

const IDS_MAX = 20_000;
const FAULTS_MAX = 20;

/**
 * What contradicts the promises of the shop after a load, one line each: stock against items, balances against
 * the ledger, gaps in the chains, totals against payments; orders against the answers that clients got; orders whose
 * event is neither in the outbox nor acknowledged by the queue. Only for a shop without load.
 */
export async function auditShop(shop: BenchShop, queue: ServerProcess): Promise<string[]> {
  const faults = [...(await acceptedFaults(shop)), ...(await eventFaults(shop, queue))];
  const ledger = await ledgerFaults(shop.database);
  const more = ledger.length > FAULTS_MAX ? [`and ${ledger.length - FAULTS_MAX} more`] : [];
  return [...faults, ...ledger.slice(0, FAULTS_MAX), ...more];
}

/** Only what changes from round to round: for a shop with a million orders, whose chains are read at the end. */
export async function auditShopQuickly(shop: BenchShop, queue: ServerProcess): Promise<string[]> {
  return [...(await acceptedFaults(shop)), ...(await eventFaults(shop, queue))];
}

async function acceptedFaults({ database, accepted }: BenchShop): Promise<string[]> {
  const [row] = await database.read<{ orders: number }>(
    'SELECT COUNT(*) AS orders FROM orders WHERE idempotency_key NOT LIKE ?',
    [`${PRELOADED_KEY}%`],
  );
  return row?.orders === accepted
    ? []
    : [`${accepted} orders were accepted and ${row?.orders} are in the database`];
}

async function eventFaults({ database }: BenchShop, queue: ServerProcess): Promise<string[]> {
  const rows = await database.read<{ id: Buffer }>(
    `SELECT o.id FROM orders o LEFT JOIN outbox b ON b.event_id = o.id
     WHERE b.event_id IS NULL AND o.idempotency_key NOT LIKE ?`,
    [`${PRELOADED_KEY}%`],
  );
  const ids = rows.map(({ id }) => uuidText(id));
  const lost: string[] = [];
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    const answer = await fetch(`${queue.url}/unknown`, {
      method: 'POST',
      body: JSON.stringify(ids.slice(at, at + IDS_MAX)),
      signal: AbortSignal.timeout(20_000),
    });
    lost.push(...((await answer.json()) as string[]));
  }
  return lost.length === 0
    ? []
    : [`${lost.length} events are neither in the outbox nor in the queue: ${lost[0]}`];
}
