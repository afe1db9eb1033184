import { randomBytes } from 'node:crypto';
import { Admin, compatibilityPartitioner, Consumer, Producer } from '@platformatic/kafka';
import { provisionTopics } from '../../../localstack/kafka/provision-topics.ts';
import { orderEventsTopic } from '../../../app/contract/order-events-topic.ts';
import { onCleanup } from '../cleanup.ts';
import { testEnvironment } from '../environment.ts';
import { until } from '../until.ts';
import type { TestEvents } from './test-events.ts';

export interface KafkaRecord {
  readonly key: string;
  readonly body: string;
  readonly partition: number;
  readonly offset: number;
  readonly headers: Readonly<Record<string, string>>;
}

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
const READ_TIMEOUT_MS = 60_000;

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

  /** First and next offset of each partition. */
  const ends = async (name: string) => {
    const partitions = Array.from({ length: orderEventsTopic.partitions }, (_, index) => index);
    const ask = async (timestamp: bigint) => {
      const [listed] = await admin.listOffsets({
        topics: [{ name, partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })) }],
      });
      const found = new Map(listed?.partitions.map((each) => [each.partitionIndex, Number(each.offset)]));
      return partitions.map((partition) => found.get(partition) ?? 0);
    };
    const [first, next] = [await ask(-2n), await ask(-1n)];
    return { first, next };
  };
  const count = async (name: string) => {
    const { first, next } = await ends(name);
    return next.reduce((sum, offset, partition) => sum + offset - (first[partition] ?? 0), 0);
  };
  const committed = async () => {
    const found = await admin.listConsumerGroupOffsets({
      groups: [
        {
          groupId: group,
          topics: [
            {
              name: topic,
              partitionIndexes: Array.from({ length: orderEventsTopic.partitions }, (_, index) => index),
            },
          ],
        },
      ],
    });
    const offsets = Array.from({ length: orderEventsTopic.partitions }, () => -1);
    for (const { partitionIndex, committedOffset } of found[0]?.topics[0]?.partitions ?? [])
      offsets[partitionIndex] = Number(committedOffset);
    return offsets;
  };
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
  const rewind = async () => {
    const partitionOffsets = Array.from({ length: orderEventsTopic.partitions }, (_, partition) => ({
      partition,
      offset: 0n,
    }));
    await until('the group is empty', async () => {
      await admin.alterConsumerGroupOffsets({ groupId: group, topics: [{ name: topic, partitionOffsets }] });
      return true;
    });
  };
  const records: TestTopics['records'] = async (name = topic) => readAll(client, name, await count(name));

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
    async waiting() {
      const [{ first, next }, settled] = [await ends(topic), await committed()];
      return next.reduce(
        (sum, offset, partition) => sum + offset - Math.max(first[partition] ?? 0, settled[partition] ?? 0),
        0,
      );
    },
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

async function readAll(
  client: { readonly clientId: string; readonly bootstrapBrokers: string[] },
  topic: string,
  wanted: number,
): Promise<KafkaRecord[]> {
  if (wanted === 0) return [];
  const groupId = `reader-${randomBytes(6).toString('hex')}`;
  const consumer = new Consumer({ ...client, groupId, maxWaitTime: 500 });
  consumer.on('error', () => undefined);
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const found: KafkaRecord[] = [];
  stream.on('data', ({ key, value, partition, offset, headers }) =>
    found.push({
      key: key.toString(),
      body: value.toString(),
      partition,
      offset: Number(offset),
      headers: Object.fromEntries([...headers].map(([name, text]) => [name.toString(), text.toString()])),
    }),
  );
  stream.on('error', () => undefined);
  try {
    await until('every record', () => found.length >= wanted, { timeoutMs: READ_TIMEOUT_MS });
  } finally {
    await consumer.close(true);
  }
  return found.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
