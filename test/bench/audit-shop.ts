import { auditShop as auditLedgers } from '../../app/audit/audit-shop.ts';
import { openDatabase } from '../../app/platform/mysql/database.ts';
import { createLog } from '../../app/platform/observe/log.ts';
import { uuidText } from '../../app/platform/uuid.ts';
import type { BenchShop } from './bench-shop.ts';
import { PRELOADED_KEY } from './preload-orders.ts';
import type { ServerProcess } from './server-process.ts';

const IDS_MAX = 20_000;
/**
 * Turns the audit's event check off: the queue stub counts no events, so `eventFaults` checks its
 * acknowledgements.
 */
const EVENTS_LATE_AFTER_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Violations of the shop's guarantees after a load, one line each: every check of the shop's own audit,
 * orders against the responses that clients received, and orders whose event is neither in the outbox nor
 * acknowledged by the queue. Requires a shop without load.
 */
export async function auditShop(
  shop: BenchShop,
  queue: ServerProcess,
  signal: AbortSignal,
): Promise<string[]> {
  return [...(await auditAnswers(shop, queue)), ...(await ledgerFaults(shop, signal))];
}

/**
 * Checks only what changes between rounds: in a shop with a million orders, the chains are audited once, at
 * the end.
 */
export async function auditAnswers(shop: BenchShop, queue: ServerProcess): Promise<string[]> {
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

async function ledgerFaults(
  { database: { url }, accepted }: BenchShop,
  signal: AbortSignal,
): Promise<string[]> {
  const nowMs = () => Date.now();
  const database = openDatabase({
    writerUrl: url,
    connectionsMax: 2,
    log: createLog({ level: 'error', role: 'audit', stage: 'bench' }),
    nowMs,
    random: () => Math.random(),
  });
  try {
    const { breaks, checked } = await auditLedgers(
      { database, steadyMs: () => performance.now() },
      { mode: 'full', eventsLateAfterMs: EVENTS_LATE_AFTER_MS, signal },
    );
    if (checked.orders === 0 && accepted > 0) return ['the audit saw no orders'];
    return (
      breaks
        // The popular products were seeded with sales but without orders.
        .filter(({ check }) => check !== 'statistics')
        .map(({ check, total, rows: [first] }) => `${check}: ${total} rows, ${first?.id} ${first?.detail}`)
    );
  } finally {
    await database.close();
  }
}
