import { createSingleFlight } from '../platform/load/single-flight.ts';
import type { AuditMode, AuditReport } from './audit-report.ts';

export interface SharedAudits {
  /** The report of an audit that is under way, or has just ended, or begins now. */
  report(mode: AuditMode): Promise<AuditReport>;
  /** Ends the audit under way; resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * Any number of callers, one audit of a kind at a time: who asks while one is under way gets its report. A report is
 * given out again until it is as old as it took to make, so that audits on demand keep the database busy for at most
 * half of the time, and so that a caller whose request ran into its deadline finds the report when he comes again.
 */
export function sharedAudits({
  audit,
  nowMs,
}: {
  audit: (mode: AuditMode, signal: AbortSignal) => Promise<AuditReport>;
  nowMs: () => number;
}): SharedAudits {
  const ended = new Map<AuditMode, { report: AuditReport; endedMs: number }>();
  const stopping = new AbortController();
  const flightOf = (mode: AuditMode) =>
    createSingleFlight(async () => {
      const report = await audit(mode, stopping.signal);
      ended.set(mode, { report, endedMs: nowMs() });
      return report;
    });
  const flights = { full: flightOf('full'), incremental: flightOf('incremental') };

  return {
    report: (mode) => {
      const last = ended.get(mode);
      if (last !== undefined && nowMs() - last.endedMs < last.report.durationMs) {
        return Promise.resolve(last.report);
      }
      return flights[mode].run();
    },
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(Object.values(flights).flatMap((flight) => flight.running() ?? []));
    },
  };
}
