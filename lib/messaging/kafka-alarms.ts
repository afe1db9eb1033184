import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';
import { loggedEvents } from '../observability/logged-events.ts';
import { fiveMinutes, oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';

export interface WatchedKafka {
  readonly clusterName: string;
  readonly brokers: number;
  /** The log of the processes that count events. */
  readonly consumerLog: ILogGroup;
}

/** A consumer counts more than this in a second, so the lag of a working one is far below it. */
const LAG_MAX = 1000;
const DISK_PERCENT_MAX = 80;

/** Log event of app/platform/kafka; a test compares it with the source. */
export const deadLettersSent = ['dead_letters_sent'] as const;

/** Alarms on the brokers, on the lag of the statistics and on dead letters. */
export function kafkaAlarms(alarms: RunbookAlarms, kafka: WatchedKafka, stage: string): void {
  const { clusterName, consumerLog } = kafka;
  alarms.add({
    runbook: 'order-events-wait',
    severity: 'mail',
    says: `More than ${LAG_MAX} order events of one partition have waited for five minutes.`,
    metric: metric(clusterName, 'MaxOffsetLag', {
      'Consumer Group': orderEventsTopic.group,
      Topic: orderEventsTopic.name,
    }),
    above: LAG_MAX,
    periods: 5,
  });
  alarms.add({
    runbook: 'dead-letters',
    severity: 'mail',
    says: 'Order events that could not be counted were sent to the dead-letter topic.',
    metric: loggedEvents(alarms, {
      stage,
      metricName: 'DeadLettersSent',
      events: deadLettersSent,
      logs: { DeadLettersSent: consumerLog },
    }),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'kafka-offline-partitions',
    severity: 'mail',
    says: 'A partition of Kafka has no leader: events wait in the outbox.',
    metric: metric(clusterName, 'OfflinePartitionsCount'),
    above: 0,
    periods: 2,
  });
  alarms.add({
    runbook: 'kafka-under-replicated',
    severity: 'mail',
    says: 'Partitions of Kafka have fewer replicas than an acknowledged event needs: events wait.',
    metric: worst(kafka, 'UnderMinIsrPartitionCount'),
    above: 0,
    // MSK patches one broker at a time, for some minutes each.
    periods: 30,
  });
  alarms.add({
    runbook: 'kafka-disk',
    severity: 'mail',
    says: `The disk of a broker is more than ${DISK_PERCENT_MAX} % full.`,
    metric: worst(kafka, 'KafkaDataLogsDiskUsed'),
    above: DISK_PERCENT_MAX,
    periods: 5,
  });
}

function metric(clusterName: string, metricName: string, dimensions: Record<string, string> = {}): Metric {
  return new Metric({
    namespace: 'AWS/Kafka',
    metricName,
    dimensionsMap: { 'Cluster Name': clusterName, ...dimensions },
    ...oneMinute,
    statistic: Stats.MAXIMUM,
  });
}

/** The largest value of all brokers. */
function worst({ clusterName, brokers }: WatchedKafka, metricName: string): IMetric {
  const usingMetrics = Object.fromEntries(
    Array.from({ length: brokers }, (_, index) => [
      `broker${index + 1}`,
      metric(clusterName, metricName, { 'Broker ID': `${index + 1}` }),
    ]),
  );
  const expression = `MAX([${Object.keys(usingMetrics).join(', ')}])`;
  return new MathExpression({ expression, usingMetrics, ...oneMinute });
}

/** What the dashboard shows of the brokers. */
export function kafkaMetrics({ clusterName, brokers }: Omit<WatchedKafka, 'consumerLog'>) {
  const perBroker = (metricName: string) =>
    Array.from({ length: brokers }, (_, index) =>
      metric(clusterName, metricName, { 'Broker ID': `${index + 1}` }).with({
        ...fiveMinutes,
        label: `broker ${index + 1}`,
      }),
    );
  return {
    lag: metric(clusterName, 'MaxOffsetLag', {
      'Consumer Group': orderEventsTopic.group,
      Topic: orderEventsTopic.name,
    }),
    offline: metric(clusterName, 'OfflinePartitionsCount'),
    disk: perBroker('KafkaDataLogsDiskUsed'),
    cpu: perBroker('CpuUser'),
  };
}
