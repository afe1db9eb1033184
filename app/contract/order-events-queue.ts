/**
 * The one definition of the order event queue. The CDK stack, the local provisioning and the tests all
 * read it, so that a laptop and an account cannot drift apart.
 */

export interface QueueDefinition {
  readonly name: string;
  readonly deadLetterName: string;
  /** How long a received message stays hidden, in seconds. */
  readonly visibilityTimeoutS: number;
  /** How long an unread message is kept, in seconds. */
  readonly retentionS: number;
  readonly deadLetterRetentionS: number;
  /** Receives after which a message moves to the dead-letter queue. */
  readonly receiveCountMax: number;
  /** Long-poll wait of a receive, in seconds. */
  readonly receiveWaitS: number;
}

/** EVENTS_FORMAT 2. Of events of 300 bytes these are 38 KB. */
export const EVENTS_PER_MESSAGE = 128;

const DAY_S = 24 * 60 * 60;

export const orderEventsQueue: QueueDefinition = {
  name: 'OrderCompleted',
  deadLetterName: 'OrderCompleted-dead-letter',
  // What arrives together is one short transaction with a 5 s budget; six times that is the usual advice for
  // consumers (SQS developer guide, "visibility timeout").
  visibilityTimeoutS: 30,
  // The maximum that SQS allows: a consumer that is down over a long weekend loses nothing.
  retentionS: 14 * DAY_S,
  deadLetterRetentionS: 14 * DAY_S,
  receiveCountMax: 5,
  receiveWaitS: 20,
};
