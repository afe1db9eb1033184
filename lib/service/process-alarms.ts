import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { loggedEvents } from '../observability/logged-events.ts';
import type { RunbookAlarms } from '../observability/runbook-alarms.ts';

export interface ProcessLogs {
  /** API and worker. */
  readonly fleet: ILogGroup;
  /** Data platform. */
  readonly consumer: ILogGroup;
}

/** Log events that no healthy process writes; a test compares them with the app's source. */
export const processFailures = {
  crashing: ['request_crashed'],
  unsuitable: ['database_unsuitable', 'redis_unsuitable'],
  clock: ['clock_differs'],
} as const;

/** Alarms on what a process logs about its own crashes and about servers and clocks that do not fit. */
export function processAlarms(alarms: RunbookAlarms, logs: ProcessLogs, stage: string): void {
  alarms.add({
    runbook: 'crashed-requests',
    severity: 'mail',
    says: 'A request ended in an unexpected error.',
    metric: loggedEvents(alarms, {
      stage,
      metricName: 'CrashedRequests',
      events: processFailures.crashing,
      logs: { CrashedRequests: logs.fleet },
    }),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'unsuitable-server',
    severity: 'mail',
    says: 'A process uses a database or Redis that does not meet the requirements of the app.',
    metric: loggedEvents(alarms, {
      stage,
      metricName: 'UnsuitableServers',
      events: processFailures.unsuitable,
      logs: { UnsuitableServersDataPlatform: logs.consumer, UnsuitableServers: logs.fleet },
    }),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'clock-differs',
    severity: 'mail',
    says: "An instance's clock and the database's are more than five seconds apart.",
    metric: loggedEvents(alarms, {
      stage,
      metricName: 'ClockDifferences',
      events: processFailures.clock,
      logs: { ClockDifferencesDataPlatform: logs.consumer, ClockDifferences: logs.fleet },
    }),
    above: 0,
    periods: 1,
  });
}
