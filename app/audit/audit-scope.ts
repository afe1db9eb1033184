import type { AuditMode } from './audit-report.ts';
import { everyHour } from './audit-statistics.ts';
import { firstUuidAt } from '../platform/uuid.ts';
import { everyId, type IdRange } from './id-ranges-sql.ts';
import type { HourRange } from './statistics-rows-sql.ts';

/** What an audit looks at. */
export interface AuditScope {
  /** Of the chains, only what is not as the checkpoint has it. */
  readonly changedOnly: boolean;
  readonly orders: IdRange;
  /** Orders whose events are looked for, and events whose orders are. */
  readonly events: IdRange;
  readonly statistics: { readonly ids: IdRange; readonly hours: HourRange };
}

/** An order's id is made up to this long before its row can be seen: queue, transaction and clocks that differ. */
const ID_AGE_MAX_MS = 60_000;
const HOUR_MS = 60 * 60 * 1000;

/**
 * Everything; or, for an incremental audit, what has been written since the checkpoint: an order is looked at once it
 * is there, whether its event has arrived once it may no longer be late, and the statistics of an hour once that is
 * over. Every order passes each of these once.
 */
export function scopeOf(
  mode: AuditMode,
  {
    checkpoint,
    snapshotAt,
    eventsLateAfterMs,
  }: { checkpoint: Date | undefined; snapshotAt: Date; eventsLateAfterMs: number },
): AuditScope {
  const changedOnly = mode === 'incremental';
  if (!changedOnly || checkpoint === undefined) {
    return {
      changedOnly,
      orders: everyId,
      events: everyId,
      statistics: { ids: everyId, hours: everyHour },
    };
  }
  const since = (time: Date, beforeMs: number) => firstUuidAt(new Date(time.getTime() - beforeMs));
  const [fromHour, toHour] = [hourOf(checkpoint), hourOf(snapshotAt)];
  return {
    changedOnly,
    orders: { from: since(checkpoint, ID_AGE_MAX_MS), to: everyId.to },
    events: {
      from: since(checkpoint, ID_AGE_MAX_MS + eventsLateAfterMs),
      to: since(snapshotAt, eventsLateAfterMs - ID_AGE_MAX_MS),
    },
    statistics: {
      // No hours, no orders.
      ids: {
        from: since(fromHour, ID_AGE_MAX_MS),
        to: fromHour < toHour ? since(toHour, -ID_AGE_MAX_MS) : everyId.from,
      },
      hours: { from: sqlTime(fromHour), to: sqlTime(toHour) },
    },
  };
}

function hourOf(time: Date): Date {
  return new Date(Math.floor(time.getTime() / HOUR_MS) * HOUR_MS);
}

function sqlTime(time: Date): string {
  return time.toISOString().slice(0, 19).replace('T', ' ');
}
