import { createSingleFlight } from '../platform/load/single-flight.ts';
import type { AuditMode, AuditReport } from './audit-report.ts';

export interface SharedAudits {
  /** Returns the report of an audit that is running, has just ended or starts now. */
  report(mode: AuditMode): Promise<AuditReport>;
  /** Aborts the running audits. Resolves when they have ended. */
  stop(): Promise<void>;
}

/**
 * Runs at most one audit per mode at a time and shares its report among concurrent callers. A report is
 * returned again until its age equals its duration. Audits on demand therefore keep the database busy for at
 * most half the time, and a caller whose request timed out gets the report when they ask again.
 */
export function createSharedAudits({
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
