import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { logFailure } from '../platform/observe/log-failure.ts';
import { pause } from '../platform/load/pause.ts';
import type { AuditReport } from './audit-report.ts';
import { auditShop } from './audit-shop.ts';
import {
  type AuditRun,
  claimScheduledRun,
  readRuns,
  type RunKind,
  writeDrift,
  writeMarks,
  writeRun,
} from './checkpoint-sql.ts';

/** After a full audit with findings, the next one follows after this many intervals to check for a fix. */
const INTERVALS_TO_FULL_WHEN_BROKEN = 10;
/** An audit may be claimed after this share of the interval: otherwise drifting timers would skip one. */
const EARLIEST_SHARE = 0.9;

export interface RegularAuditDependencies {
  readonly database: Database;
  /** Interval at which one of the processes audits the rows written since the checkpoint. */
  readonly everyMs: number;
  /** Interval at which it audits all rows instead. */
  readonly fullEveryMs: number;
  readonly eventsLateAfterMs: number;
  /** Receives the number of rows known not to add up, after each interval. */
  readonly onDrift: (brokenRows: number) => void;
  readonly nowMs: () => number;
  /** Measures durations; never set back. */
  readonly steadyMs: () => number;
  readonly random: () => number;
  readonly log: Log;
}

/** Audits regularly until the signal aborts. Any number of processes may run it: one does each audit. */
export async function auditRegularly(
  dependencies: RegularAuditDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { everyMs, random, log, onDrift } = dependencies;
  // Start at a random time: processes often start together.
  await pause(everyMs * random(), signal);
  while (!signal.aborted) {
    try {
      onDrift(await auditIfDue(dependencies, signal));
    } catch (error) {
      if (signal.aborted) return;
      logFailure(error, { log, failed: 'audit_failed', crashed: 'audit_crashed' });
    }
    await pause(everyMs, signal);
  }
}

/**
 * Audits if this process can claim the next audit. Returns the number of rows known not to add up. Verified
 * chains are stored while the audit continues. The checkpoint of orders and events moves only after an audit
 * without findings, so that a break is reported every time until it is fixed.
 */
export async function auditIfDue(
  dependencies: RegularAuditDependencies,
  signal: AbortSignal,
): Promise<number> {
  const { database, everyMs, eventsLateAfterMs, log } = dependencies;
  const isMine = await database.withTransaction({ name: 'claim_audit', rerunnable: false }, (tx) =>
    claimScheduledRun(tx, Math.floor(everyMs * EARLIEST_SHARE)),
  );
  const runs = await readRuns(database);
  if (!isMine) return runs.get('SCHEDULED')?.brokenRows ?? 0;

  const report = await auditShop(dependencies, {
    mode: isFullDue(dependencies, runs) ? 'full' : 'incremental',
    eventsLateAfterMs,
    signal,
    isScheduled: true,
    onVerified: (marks) =>
      database.withTransaction({ name: 'write_audit_marks', rerunnable: true }, (tx) =>
        writeMarks(tx, marks),
      ),
  });
  const found = report.breaks.reduce((sum, { total }) => sum + total, 0);
  // Findings that only a full audit can see stay known until the next full audit.
  const brokenRows = report.mode === 'full' ? found : Math.max(found, runs.get('FULL')?.brokenRows ?? 0);
  await database.withTransaction({ name: 'write_audit_run', rerunnable: true }, async (tx) => {
    const run: AuditRun = { at: report.snapshotAt, brokenRows: found };
    await writeDrift(tx, brokenRows);
    if (report.mode === 'full') await writeRun(tx, 'FULL', run);
    if (report.isClean) await writeRun(tx, 'CHECKPOINT', run);
  });
  logReport(log, report);
  return brokenRows;
}

function isFullDue(
  { nowMs, everyMs, fullEveryMs }: RegularAuditDependencies,
  runs: ReadonlyMap<RunKind, AuditRun>,
): boolean {
  const last = runs.get('FULL');
  if (last === undefined) return true;
  const ageMs = nowMs() - last.at.getTime();
  return ageMs >= fullEveryMs || (last.brokenRows > 0 && ageMs >= everyMs * INTERVALS_TO_FULL_WHEN_BROKEN);
}

function logReport(log: Log, { mode, durationMs, checked, breaks, eventsInFlight }: AuditReport): void {
  log.info('audited', { mode, durationMs, checked, breaks: breaks.length, eventsInFlight });
  for (const { check, total, rows } of breaks) log.error('audit_drift', { check, total, rows });
}
