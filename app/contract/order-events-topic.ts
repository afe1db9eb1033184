/**
 * The one definition of the Kafka topics that carry order events where EVENTS=kafka. The CDK stack, the local
 * provisioning and the tests all read it, as they read the queue's.
 */

export interface TopicDefinition {
  readonly name: string;
  readonly deadLetterName: string;
  /** Consumer group of the statistics. */
  readonly group: string;
  /** Most consumers that work at once; the events of one order stay in one partition. */
  readonly partitions: number;
  /** How long an event is kept, in seconds. It can be replayed for as long. */
  readonly retentionS: number;
  readonly deadLetterRetentionS: number;
  /** Longest wait for events, in seconds. */
  readonly receiveWaitS: number;
}

const DAY_S = 24 * 60 * 60;

export const orderEventsTopic: TopicDefinition = {
  name: 'order-events',
  deadLetterName: 'order-events.dead-letter',
  group: 'statistics',
  partitions: 6,
  // Equal to the queue's retention. Their sum must stay below INBOX_RETENTION_DAYS: an event that is older
  // than the inbox could be counted twice.
  retentionS: 14 * DAY_S,
  deadLetterRetentionS: 14 * DAY_S,
  receiveWaitS: 20,
};
