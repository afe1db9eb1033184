import type { Database, Read, Transaction } from '../platform/mysql/database.ts';

/** The seq up to which a chain was verified, and the value there. */
export interface Mark {
  readonly kind: 'STOCK' | 'WALLET';
  readonly id: Buffer;
  readonly seq: number;
  readonly value: number;
}

/** The time of the snapshot up to which orders and events were verified; undefined before the first one. */
export async function readCheckpoint(read: Read): Promise<Date | undefined> {
  const [row] = await read<{ at: Date }>("SELECT at FROM audit_runs WHERE kind = 'CHECKPOINT'");
  return row?.at;
}

/** The time of the snapshot, by the database's clock. */
export async function readClock(read: Read): Promise<Date> {
  const [row] = await read<{ now: Date }>('SELECT NOW(3) AS now');
  if (row === undefined) throw new Error('the database has no clock');
  return row.now;
}

export async function writeMarks(tx: Transaction, marks: readonly Mark[]): Promise<void> {
  await tx.write(
    `INSERT INTO audit_marks (kind, id, seq, value) VALUES ?
     ON DUPLICATE KEY UPDATE seq = VALUES(seq), value = VALUES(value)`,
    [marks.map(({ kind, id, seq, value }) => [kind, id, seq, value])],
  );
}

export interface AuditRun {
  readonly at: Date;
  readonly brokenRows: number;
}

export type RunKind = 'SCHEDULED' | 'FULL' | 'CHECKPOINT';

/** Records a full audit, or moves the checkpoint. */
export async function writeRun(tx: Transaction, kind: RunKind, { at, brokenRows }: AuditRun): Promise<void> {
  await tx.write(
    `INSERT INTO audit_runs (kind, at, broken_rows) VALUES (?, ?, ?)
     ON DUPLICATE KEY UPDATE at = VALUES(at), broken_rows = VALUES(broken_rows)`,
    [kind, at, brokenRows],
  );
}

/**
 * Claims the next scheduled audit, unless a process has claimed one in the last `everyMs`. Uses the
 * database's clock, so that processes agree.
 */
export async function claimScheduledRun(tx: Transaction, everyMs: number): Promise<boolean> {
  await tx.write(
    "INSERT IGNORE INTO audit_runs (kind, at, broken_rows) VALUES ('SCHEDULED', '2000-01-01 00:00:00', 0)",
  );
  const { affectedRows } = await tx.write(
    `UPDATE audit_runs SET at = NOW(3) WHERE kind = 'SCHEDULED' AND at <= NOW(3) - INTERVAL ? MICROSECOND`,
    [everyMs * 1000],
  );
  return affectedRows === 1;
}

/** Stores the number of broken rows known from scheduled audits. */
export async function writeDrift(tx: Transaction, brokenRows: number): Promise<void> {
  await tx.write("UPDATE audit_runs SET broken_rows = ? WHERE kind = 'SCHEDULED'", [brokenRows]);
}

export async function readRuns(database: Database): Promise<Map<RunKind, AuditRun>> {
  const rows = await database.read<{ kind: RunKind; at: Date; broken_rows: number }>(
    'SELECT kind, at, broken_rows FROM audit_runs',
  );
  return new Map(rows.map((row) => [row.kind, { at: row.at, brokenRows: row.broken_rows }]));
}
