import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { loggedEvents } from '../observability/logged-events.ts';
import type { RunbookAlarms } from '../observability/runbook-alarms.ts';

export interface ProcessLogs {
  /** API and worker. */
  readonly fleet: ILogGroup;
  /** Data platform. */
  readonly consumer: ILogGroup;
}

/** Events in the app's log that no healthy process writes; a test compares them with the app's source. */
export const processFailures = {
  crashing: ['request_crashed'],
  unsuitable: ['database_unsuitable', 'redis_unsuitable'],
  clock: ['clock_differs'],
} as const;

/** What a process finds wrong with itself or with the servers that it uses. */
export function processAlarms(alarms: RunbookAlarms, logs: ProcessLogs, stage: string): void {
  alarms.add({
    runbook: 'crashed-requests',
    severity: 'mail',
    says: 'A request ended in an error that nobody had foreseen.',
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
    says: 'A process works with a database or Redis that does not have what the app requires.',
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
