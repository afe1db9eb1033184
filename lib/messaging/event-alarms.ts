import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { MessagingStack } from './messaging-stack.ts';
import type { ServiceStack } from '../service/service-stack.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';

const OLDEST_MESSAGE_MAX_S = 300;
const SEND_FAILURES_MAX = 5;

/** Lines of the app's log that no healthy process writes; a test compares them with the app's source. */
export const loggedEvents = {
  publishing: ['event_send_failed', 'outbox_relay_failed'],
  counting: ['event_unreadable', 'event_uncountable'],
  crashing: ['request_crashed'],
  unsuitable: ['database_unsuitable', 'redis_unsuitable'],
  clock: ['clock_differs'],
} as const;

/** The way of an order event: out of the outbox, through the queue, into the statistics. */
export function eventAlarms(
  alarms: RunbookAlarms,
  { messaging, service, stage }: { messaging: MessagingStack; service: ServiceStack; stage: string },
): void {
  const { fleet, consumer } = service;
  const filter = (id: string, metricName: string, logGroup: ILogGroup, events: readonly string[]) =>
    new MetricFilter(alarms, id, {
      logGroup,
      metricNamespace: `Rowlock/${stage}`,
      metricName,
      filterPattern: FilterPattern.literal(
        `{ ${events.map((event) => `($.event = "${event}")`).join(' || ')} }`,
      ),
    }).metric({ ...fiveMinutes, statistic: Stats.SUM });
  const logged = (id: string, logGroup: ILogGroup, events: readonly string[]) =>
    filter(id, id, logGroup, events);
  /** One metric that both log groups add to. */
  const loggedAnywhere = (id: string, events: readonly string[]) => {
    filter(`${id}DataPlatform`, id, consumer.log, events);
    return filter(id, id, fleet.log, events);
  };

  alarms.add({
    runbook: 'order-events-wait',
    severity: 'mail',
    says: 'An order event has waited in the queue for more than five minutes.',
    metric: messaging.orderEvents.metricApproximateAgeOfOldestMessage({
      ...oneMinute,
      statistic: Stats.MAXIMUM,
    }),
    above: OLDEST_MESSAGE_MAX_S,
    periods: 5,
  });
  alarms.add({
    runbook: 'dead-letters',
    severity: 'mail',
    says: 'Order events could not be counted and lie in the dead-letter queue.',
    metric: messaging.deadLetters.metricApproximateNumberOfMessagesVisible({
      ...oneMinute,
      statistic: Stats.MAXIMUM,
    }),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'publishing-fails',
    severity: 'mail',
    says: 'Order events do not get out of the outbox.',
    metric: logged('PublishingFailures', fleet.log, loggedEvents.publishing),
    above: SEND_FAILURES_MAX,
    periods: 2,
  });
  alarms.add({
    runbook: 'uncountable-events',
    severity: 'mail',
    says: 'The data platform has met an event that it cannot count.',
    metric: logged('UncountableEvents', consumer.log, loggedEvents.counting),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'crashed-requests',
    severity: 'mail',
    says: 'A request ended in an error that nobody had foreseen.',
    metric: logged('CrashedRequests', fleet.log, loggedEvents.crashing),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'unsuitable-server',
    severity: 'mail',
    says: 'A process works with a database or Redis that does not have what the app requires.',
    metric: loggedAnywhere('UnsuitableServers', loggedEvents.unsuitable),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'clock-differs',
    severity: 'mail',
    says: "An instance's clock and the database's are more than five seconds apart.",
    metric: loggedAnywhere('ClockDifferences', loggedEvents.clock),
    above: 0,
    periods: 1,
  });
}
