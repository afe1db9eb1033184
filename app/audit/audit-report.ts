import type { AuditCheck } from './audit-checks.ts';

/** A row that breaks a check. */
export interface BrokenRow {
  /** Id of the row, of the kind that the check names in its `id`. */
  readonly id: string;
  readonly seq?: number;
  /** The values found and expected. */
  readonly detail: string;
}

/** A check that does not hold. */
export interface AuditBreak {
  readonly check: AuditCheck;
  /** Number of rows that break the check. */
  readonly total: number;
  /** The first of these rows. */
  readonly rows: readonly BrokenRow[];
}

/** Numbers of rows checked, so that a report on an empty database is recognisable. */
export interface AuditedRows {
  products: number;
  stockChanges: number;
  wallets: number;
  ledgerEntries: number;
  orders: number;
  coupons: number;
  events: number;
  statistics: number;
}

export interface AuditReport {
  readonly mode: AuditMode;
  /** Time of the snapshot, by the database's clock. */
  readonly snapshotAt: Date;
  readonly durationMs: number;
  readonly isClean: boolean;
  readonly breaks: readonly AuditBreak[];
  readonly checked: Readonly<AuditedRows>;
  /** Events that have left the outbox and are not counted yet: in the queue or held by a consumer. */
  readonly eventsInFlight: { readonly count: number; readonly oldestAgeMs: number | null };
}

/**
 * `full` checks every row. `incremental` checks rows written since the checkpoint, or every row if there is
 * no checkpoint.
 */
export type AuditMode = 'full' | 'incremental';

/** Rows listed per check; the total counts all. */
const ROWS_NAMED_MAX = 20;

/** Collects broken rows within limits. */
export interface Findings {
  /** Adds rows and returns their number. */
  add(check: AuditCheck, rows: readonly BrokenRow[], total?: number): number;
  breaks(): AuditBreak[];
}

export function createFindings(): Findings {
  const found = new Map<AuditCheck, { total: number; rows: BrokenRow[] }>();
  return {
    add(check, rows, total = rows.length) {
      if (total === 0) return 0;
      const entry = found.get(check) ?? { total: 0, rows: [] };
      entry.total += total;
      entry.rows.push(...rows.slice(0, ROWS_NAMED_MAX - entry.rows.length));
      found.set(check, entry);
      return total;
    },
    breaks: () => [...found].map(([check, entry]) => ({ check, ...entry })),
  };
}
