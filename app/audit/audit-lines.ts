import { auditCheckNames, auditChecks } from './audit-checks.ts';
import type { AuditReport } from './audit-report.ts';

/** Formats a report for people: the rows checked, one line per check, and the rows of broken checks. */
export function auditLines(report: AuditReport): string[] {
  const { checked, eventsInFlight: inFlight } = report;
  const rowsChecked = [
    `${checked.orders} orders`,
    `${checked.stockChanges} changes of ${checked.products} stocks`,
    `${checked.ledgerEntries} entries of ${checked.wallets} wallets`,
    `${checked.coupons} coupons`,
    `${checked.events} events`,
    `${checked.statistics} hourly sums`,
  ];
  const seconds = (report.durationMs / 1000).toFixed(1);
  const breaks = new Map(report.breaks.map((found) => [found.check, found]));
  const lines = [
    `Snapshot of ${report.snapshotAt.toISOString()}, read in ${seconds} s: ${rowsChecked.join(', ')}.`,
  ];
  for (const check of auditCheckNames) {
    const found = breaks.get(check);
    lines.push(
      `${found === undefined ? 'ok    ' : 'BROKEN'}  ${check.padEnd(14)} ${auditChecks[check].holds}`,
    );
    if (found === undefined) continue;
    for (const { id, seq, detail } of found.rows) {
      const place = seq === undefined ? '' : ` seq ${seq}`;
      lines.push(`          ${auditChecks[check].id} ${id}${place}: ${detail}`);
    }
    if (found.total > found.rows.length) lines.push(`          and ${found.total - found.rows.length} more`);
  }
  if (inFlight.count > 0) {
    const age = ((inFlight.oldestAgeMs ?? 0) / 1000).toFixed(1);
    lines.push(`Events in the queue or held by a consumer: ${inFlight.count}, the oldest for ${age} s.`);
  }
  const total = report.breaks.reduce((sum, found) => sum + found.total, 0);
  lines.push(total === 0 ? 'Everything adds up.' : `Rows that do not add up: ${total}.`);
  return lines;
}
