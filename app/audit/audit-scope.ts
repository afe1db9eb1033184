import type { AuditMode } from './audit-report.ts';
import { everyHour } from './audit-statistics.ts';
import { firstUuidAt } from '../platform/uuid.ts';
import { everyId, type IdRange } from './id-ranges-sql.ts';
import type { HourRange } from './statistics-rows-sql.ts';

/** The rows that an audit checks. */
export interface AuditScope {
  /** Check only chains that differ from the checkpoint. */
  readonly changedOnly: boolean;
  readonly orders: IdRange;
  /** Orders whose events are checked, and events whose orders are checked. */
  readonly events: IdRange;
  readonly statistics: { readonly ids: IdRange; readonly hours: HourRange };
}

/** An order's id may be this much older than its visible row: queue, transaction and differing clocks. */
const ID_AGE_MAX_MS = 60_000;
const HOUR_MS = 60 * 60 * 1000;

/**
 * All rows; or, for an incremental audit, those written since the checkpoint. Orders are checked as soon as
 * they exist, their events once these may no longer be late, and the statistics of an hour once it is over.
 * Every order passes each of these checks once.
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
      // Without a finished hour there are no orders to check.
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
