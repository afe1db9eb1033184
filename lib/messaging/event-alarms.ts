import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { loggedEvents } from '../observability/logged-events.ts';
import { oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';

export interface EventPath {
  readonly orderEvents: IQueue;
  readonly deadLetters: IQueue;
  /** The log of the processes that send events. */
  readonly senderLog: ILogGroup;
  /** The log of the processes that count them. */
  readonly consumerLog: ILogGroup;
}

const OLDEST_MESSAGE_MAX_S = 300;
const SEND_FAILURES_MAX = 5;

/** Log events that no healthy process writes; a test compares them with the app's source. */
export const eventFailures = {
  sending: ['event_send_failed', 'outbox_relay_failed'],
  counting: ['event_unreadable', 'event_uncountable'],
} as const;

/** The path of an order event: out of the outbox, through the queue, into the statistics. */
export function eventAlarms(alarms: RunbookAlarms, path: EventPath, stage: string): void {
  const worst = { ...oneMinute, statistic: Stats.MAXIMUM };
  alarms.add({
    runbook: 'order-events-wait',
    severity: 'mail',
    says: 'An order event has waited in the queue for more than five minutes.',
    metric: path.orderEvents.metricApproximateAgeOfOldestMessage(worst),
    above: OLDEST_MESSAGE_MAX_S,
    periods: 5,
  });
  alarms.add({
    runbook: 'dead-letters',
    severity: 'mail',
    says: 'Order events that could not be counted are in the dead-letter queue.',
    metric: path.deadLetters.metricApproximateNumberOfMessagesVisible(worst),
    above: 0,
    periods: 1,
  });
  eventLogAlarms(alarms, path, stage);
}

/** Failures that sender and consumer log, whatever carries the events. */
export function eventLogAlarms(
  alarms: RunbookAlarms,
  path: Pick<EventPath, 'senderLog' | 'consumerLog'>,
  stage: string,
): void {
  alarms.add({
    runbook: 'publishing-fails',
    severity: 'mail',
    says: 'Order events fail to leave the outbox.',
    metric: loggedEvents(alarms, {
      stage,
      metricName: 'PublishingFailures',
      events: eventFailures.sending,
      logs: { PublishingFailures: path.senderLog },
    }),
    above: SEND_FAILURES_MAX,
    periods: 2,
  });
  alarms.add({
    runbook: 'uncountable-events',
    severity: 'mail',
    says: 'The data platform received an event that it cannot count.',
    metric: loggedEvents(alarms, {
      stage,
      metricName: 'UncountableEvents',
      events: eventFailures.counting,
      logs: { UncountableEvents: path.consumerLog },
    }),
    above: 0,
    periods: 1,
  });
}
