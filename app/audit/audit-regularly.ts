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

/** After a full audit that found something the next one comes after this many turns, to see whether it is mended. */
const TURNS_TO_FULL_WHEN_BROKEN = 10;
/** A turn is free a little before its time, or processes whose timers drift apart would skip one. */
const EARLY = 0.9;

export interface RegularAuditDependencies {
  readonly database: Database;
  /** How often one of the processes audits what has been written since. */
  readonly everyMs: number;
  /** How often it looks at every row instead. */
  readonly fullEveryMs: number;
  readonly eventsLateAfterMs: number;
  /** Takes the number of rows that are known not to add up, each time that somebody has looked. */
  readonly onDrift: (brokenRows: number) => void;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Log;
}

/** Audits again and again until the signal aborts. Any number of processes may do this: one of them has each turn. */
export async function auditRegularly(
  dependencies: RegularAuditDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { everyMs, random, log, onDrift } = dependencies;
  // Not at once: processes often start together.
  await pause(everyMs * random(), signal);
  while (!signal.aborted) {
    try {
      onDrift(await takeTurn(dependencies, signal));
    } catch (error) {
      if (signal.aborted) return;
      logFailure(error, { log, failed: 'audit_failed', crashed: 'audit_crashed' });
    }
    await pause(everyMs, signal);
  }
}

/**
 * One turn: audits if it is this process's, and says how many rows are known not to add up. Whatever was found whole
 * is remembered as the audit goes on; the checkpoint of orders and events moves only when nothing was found, so that
 * a break is reported every time until it is mended.
 */
export async function takeTurn(dependencies: RegularAuditDependencies, signal: AbortSignal): Promise<number> {
  const { database, everyMs, eventsLateAfterMs, log } = dependencies;
  const isMine = await database.withTransaction({ name: 'claim_audit', rerunnable: false }, (tx) =>
    claimScheduledRun(tx, Math.floor(everyMs * EARLY)),
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
  // What only a look at every row can see stays known until the next such look.
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
  return ageMs >= fullEveryMs || (last.brokenRows > 0 && ageMs >= everyMs * TURNS_TO_FULL_WHEN_BROKEN);
}

function logReport(log: Log, { mode, durationMs, checked, breaks, eventsInFlight }: AuditReport): void {
  log.info('audited', { mode, durationMs, checked, breaks: breaks.length, eventsInFlight });
  for (const { check, total, rows } of breaks) log.error('audit_drift', { check, total, rows });
}
