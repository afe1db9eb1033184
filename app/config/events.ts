/** Settings of what carries order events, for every role. EVENTS decides which others are read. */
import { z } from 'zod';
import { orderEventsTopic } from '../contract/order-events-topic.ts';
import { flag, hostsAndPorts, topicName, urlOf } from './variable-types.ts';

/**
 * 1 sends events as releases before format 2 did: in full, one per message. 2 sends them without repetitions,
 * many per message. Every release reads both. Going from 1 to 2 needs consumers that read 2: see
 * docs/deploy.md, "Event formats".
 */
const format = { EVENTS_FORMAT: z.enum(['1', '2'], { error: 'must be 1 or 2' }).default('2') };

const sqsVariables = z.object({
  ...format,
  EVENTS: z.literal('sqs'),
  ORDER_EVENTS_QUEUE_URL: urlOf('http:', 'https:'),
});

const kafkaShape = {
  ...format,
  EVENTS: z.literal('kafka'),
  /** Host and port of one or several brokers, separated by commas; the client learns the others from them. */
  KAFKA_BROKERS: hostsAndPorts,
  /** `iam` logs in to Amazon MSK with the credentials of the process, always over TLS. */
  KAFKA_AUTH: z.enum(['none', 'iam'], { error: 'must be none or iam' }).default('none'),
  /** TLS to the brokers, whose certificate must be trusted by Node (NODE_EXTRA_CA_CERTS adds to those). */
  KAFKA_TLS: flag.default(false),
  KAFKA_TOPIC: topicName.default(orderEventsTopic.name),
  KAFKA_DEAD_LETTER_TOPIC: topicName.default(orderEventsTopic.deadLetterName),
  /** Consumer group of the role data-platform. */
  KAFKA_GROUP: topicName.default(orderEventsTopic.group),
};

const kafkaVariables = z
  .object(kafkaShape)
  .refine(({ KAFKA_TOPIC, KAFKA_DEAD_LETTER_TOPIC }) => KAFKA_TOPIC !== KAFKA_DEAD_LETTER_TOPIC, {
    // Otherwise an unreadable event would come back from its own topic without end.
    error: 'must be another topic than KAFKA_TOPIC',
    path: ['KAFKA_DEAD_LETTER_TOPIC'],
  });

export const eventsVariables = z.discriminatedUnion('EVENTS', [sqsVariables, kafkaVariables], {
  error: (issue) => (issue.code === 'invalid_union' ? 'must be sqs or kafka' : undefined),
});

/** Names of all variables, whatever EVENTS says. */
export const eventsShape = { ...sqsVariables.shape, ...kafkaShape };

export type EventsConfig = Readonly<z.infer<typeof eventsVariables>>;
