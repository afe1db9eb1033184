import { expect } from 'chai';
import type { AuditReport } from '../../../app/audit/audit-report.ts';
import { uuidText } from '../../../app/platform/uuid.ts';
import type { Damaged } from '../../support/servers/corruption.ts';

/** Broken rows by check, each as `id` or `id seq`. */
export function breaksOf({ breaks }: AuditReport): Record<string, string[]> {
  return Object.fromEntries(
    breaks
      .toSorted((a, b) => (a.check < b.check ? -1 : 1))
      .map(({ check, total, rows }) => {
        expect(rows, check).to.have.lengthOf(total);
        return [check, rows.map(({ id, seq }) => (seq === undefined ? id : `${id} ${seq}`)).toSorted()];
      }),
  );
}

/** Broken rows that a test expects, in the same form. */
export function expectedBreaks(breaks: Damaged['breaks']): Record<string, string[]> {
  const text = (row: Buffer | string | readonly [Buffer, number]) =>
    typeof row === 'string' ? row : Buffer.isBuffer(row) ? uuidText(row) : `${uuidText(row[0])} ${row[1]}`;
  return Object.fromEntries(
    Object.entries(breaks)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([check, rows]) => [check, rows.map(text).toSorted()]),
  );
}
