import type { AuditCheck } from './audit-checks.ts';

/** A row that breaks a check. */
export interface BrokenRow {
  /** Of the thing that the check names in `id`. */
  readonly id: string;
  readonly seq?: number;
  /** What was found and what was expected. */
  readonly detail: string;
}

/** A check that does not hold. */
export interface AuditBreak {
  readonly check: AuditCheck;
  /** Rows that break it. */
  readonly total: number;
  /** The first of them. */
  readonly rows: readonly BrokenRow[];
}

/** How much was looked at, so that a report of nothing looks like one. */
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
  /** The moment that the report is about, by the database's clock. */
  readonly snapshotAt: Date;
  readonly durationMs: number;
  readonly isClean: boolean;
  readonly breaks: readonly AuditBreak[];
  readonly checked: Readonly<AuditedRows>;
  /** Events that have left the outbox and are not counted yet: in the queue, or in a consumer's hands. */
  readonly eventsInFlight: { readonly count: number; readonly oldestAgeMs: number | null };
}

/**
 * `full` looks at every row. `incremental` looks at what has been written since the checkpoint, and at everything
 * where there is none.
 */
export type AuditMode = 'full' | 'incremental';

/** Rows named a check; the total goes on. */
const ROWS_NAMED_MAX = 20;

/** Collects what breaks, bounded. */
export interface Findings {
  /** Adds rows and returns how many they were. */
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
