import { randomBytes } from 'node:crypto';
import { Admin, compatibilityPartitioner, Producer } from '@platformatic/kafka';
import { provisionTopics } from '../../../localstack/kafka/provision-topics.ts';
import { orderEventsTopic } from '../../../app/contract/order-events-topic.ts';
import { onCleanup } from '../cleanup.ts';
import { testEnvironment } from '../environment.ts';
import { createKafkaOffsets } from './kafka-offsets.ts';
import { type KafkaRecord, readRecords } from './kafka-records.ts';
import type { TestEvents } from './test-events.ts';

export interface TestTopics extends TestEvents {
  readonly brokers: string;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly group: string;
  /** Publishes bodies, each into the partition of its key or into the given one. */
  sendAll(records: readonly { body: string; key?: string; partition?: number }[]): Promise<void>;
  /** Every record of the topic, or of the dead letter topic, in the order of each partition. */
  records(topic?: string): Promise<KafkaRecord[]>;
  /** Offsets that the group has committed, by partition; -1 where it has none. */
  committed(): Promise<number[]>;
  /** Sets the group back to the start of the topic, once it has no member. */
  rewind(): Promise<void>;
  /** Puts every consumer out of the group: the broker refuses what it does next. */
  removeMembers(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

/**
 * Topic and dead letter topic of one test file, with the settings of the real ones, on the suite's Kafka or
 * on other brokers.
 */
export async function createTestTopics(
  options: { readonly brokers?: string; readonly replicas?: number } = {},
): Promise<TestTopics> {
  const brokers = options.brokers ?? kafkaBrokers();
  const suffix = randomBytes(6).toString('hex');
  const names = { topic: `order-events-${suffix}`, deadLetterTopic: `order-events-${suffix}.dead-letter` };
  const { topic, deadLetterTopic } = await provisionTopics({ ...options, brokers, names });
  const group = `statistics-${suffix}`;
  const client = {
    clientId: 'rowlock-test',
    bootstrapBrokers: brokers.split(','),
    timeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retries: 5,
    retryDelay: 500,
  };
  const admin = new Admin(client);
  const producer = new Producer({ ...client, acks: -1 });
  for (const each of [admin, producer]) each.on('error', () => undefined);

  const { committed, count, rewind, waiting } = createKafkaOffsets({ admin, topic, group });
  const sendAll: TestTopics['sendAll'] = async (records) => {
    await producer.send({
      acks: -1,
      messages: records.map(({ body, key = randomBytes(8).toString('hex'), partition }) => ({
        topic,
        key: Buffer.from(key),
        value: Buffer.from(body),
        partition: partition ?? partitionOf(key),
      })),
    });
  };
  const records: TestTopics['records'] = async (name = topic) => readRecords(client, name, await count(name));

  let removed: Promise<void> | undefined;
  const remove = async () => {
    await admin.deleteTopics({ topics: [topic, deadLetterTopic] }).catch(() => undefined);
    await Promise.all([admin.close(), producer.close(true)]).catch(() => undefined);
  };
  onCleanup(() => (removed ??= remove()));
  return {
    transport: 'kafka',
    brokers,
    topic,
    deadLetterTopic,
    group,
    env: {
      EVENTS: 'kafka',
      KAFKA_BROKERS: brokers,
      KAFKA_TOPIC: topic,
      KAFKA_DEAD_LETTER_TOPIC: deadLetterTopic,
      KAFKA_GROUP: group,
    },
    send: (body, key) => sendAll([key === undefined ? { body } : { body, key }]),
    sendAll,
    records,
    committed,
    rewind,
    removeMembers: () => admin.removeMembersFromConsumerGroup({ groupId: group }),
    peek: async () => (await records()).map(({ body }) => body),
    waiting,
    deadLetters: () => count(deadLetterTopic),
    redeliverSoon: async () => undefined,
    remove: () => (removed ??= remove()),
  };
}

/** The partition that every client of Kafka chooses for this key. */
export function partitionOf(key: string): number {
  return compatibilityPartitioner({ topic: '' }, Buffer.from(key)) % orderEventsTopic.partitions;
}

/** The suite's Kafka. Throws, with the option to use, when the run has none. */
export function kafkaBrokers(): string {
  const { kafkaBrokers: brokers } = testEnvironment();
  if (brokers === undefined) throw new Error('this test needs ./scripts/test --events=kafka');
  return brokers;
}
