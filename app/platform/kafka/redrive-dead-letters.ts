import type { Consumer, Message } from '@platformatic/kafka';
import type { EventBacklog } from '../event-transport.ts';
import type { Log } from '../observe/log.ts';
import {
  connectionOptions,
  fetchLimits,
  type KafkaTransportOptions,
  loadKafkaClient,
  within,
} from './kafka-connection.ts';
import { kafkaFailure } from './kafka-reason.ts';
import { createKafkaSender, type KafkaSender } from './kafka-sender.ts';
import { readMessages } from './read-messages.ts';

/** What Kafka's ListOffsets calls the first and the next offset. */
const EARLIEST = -2n;
const LATEST = -1n;
const BATCH_MAX = 128;
/** A consumer that was killed is replaced after 10 s. */
const JOIN_DEADLINE_MS = 30_000;
const READ_WAIT_MS = 20_000;

export type RedriveOptions = Omit<KafkaTransportOptions, 'consumes'>;

/**
 * Sends up to `max` dead letters back into the topic, each once, and returns how many. Those that were sent
 * back before are left out. It ends at the letters that exist when it begins: an event that is refused again
 * is a new letter. If it is interrupted, some letters may be sent twice, which the inbox recognises.
 */
export async function redriveDeadLetters(
  options: RedriveOptions,
  { max, log }: { readonly max: number; readonly log: Log },
): Promise<number> {
  const { settings, deadLetterTopic } = options;
  const where = { brokers: settings.brokers.join(','), topic: deadLetterTopic };
  const sender = createKafkaSender(settings, log);
  try {
    return await redrive(options, { sender, max, log });
  } catch (error) {
    throw kafkaFailure(error, where);
  } finally {
    await sender.close();
  }
}

async function redrive(
  { settings, topic, deadLetterTopic, group }: RedriveOptions,
  { sender, max, log }: { readonly sender: KafkaSender; readonly max: number; readonly log: Log },
): Promise<number> {
  const { Consumer } = await loadKafkaClient();
  const consumer = new Consumer({
    ...connectionOptions(settings),
    groupId: redriveGroup(group),
    autocommit: false,
    sessionTimeout: 10_000,
    rebalanceTimeout: 20_000,
    ...fetchLimits,
    maxWaitTime: 500,
  });
  consumer.on('error', (error: unknown) => log.debug('kafka_consumer_error', { error }));
  try {
    await sender.checkTopic(topic);
    const { ends, count: left } = await within(offsetsLeft(consumer, deadLetterTopic), 'a question to Kafka');
    const count = Math.min(left, max);
    if (count === 0) return 0;
    const stream = await within(
      consumer.consume({ topics: [deadLetterTopic], mode: 'committed', fallbackMode: 'earliest' }),
      'joining the consumer group',
      JOIN_DEADLINE_MS,
    );
    stream.on('readable', () => undefined);
    stream.on('error', (error: unknown) => log.debug('kafka_stream_error', { error }));
    const { signal } = new AbortController();
    let sent = 0;
    while (sent < count) {
      const letters = await readMessages(stream, { max: BATCH_MAX, waitMs: READ_WAIT_MS, signal });
      if (letters.length === 0) throw new Error('the dead letters could not be read');
      const due = letters
        .filter(({ partition, offset }) => offset < (ends[partition] ?? 0n))
        .slice(0, count - sent);
      if (due.length === 0) continue;
      await sendBack(sender, topic, due);
      const next = new Map(due.map(({ partition, offset }) => [partition, offset + 1n]));
      await consumer.commit({
        offsets: [...next].map(([partition, offset]) => {
          return { topic: deadLetterTopic, partition, offset, leaderEpoch: -1 };
        }),
      });
      sent += due.length;
    }
    return sent;
  } finally {
    await consumer.close(true).catch((error: unknown) => log.warn('kafka_close_failed', { error }));
  }
}

/** Counts the events that the group has not read, and the dead letters that were not sent back. */
export async function readKafkaBacklog({
  settings,
  topic,
  deadLetterTopic,
  group,
  log,
}: RedriveOptions): Promise<EventBacklog> {
  const { Consumer } = await loadKafkaClient();
  const countOf = async (groupId: string, name: string): Promise<number> => {
    const consumer = new Consumer({ ...connectionOptions(settings), groupId, autocommit: false });
    consumer.on('error', (error: unknown) => log.debug('kafka_consumer_error', { error }));
    try {
      return (await within(offsetsLeft(consumer, name), 'a question to Kafka')).count;
    } finally {
      await consumer.close(true).catch((error: unknown) => log.warn('kafka_close_failed', { error }));
    }
  };
  const [messages, deadLetters] = await Promise.all([
    countOf(group, topic),
    countOf(redriveGroup(group), deadLetterTopic),
  ]);
  return { messages, deadLetters };
}

/** The group whose offsets say which dead letters were sent back. */
export const redriveGroup = (group: string) => `${group}.redrive`;

/** The end of each partition, where the group continues in it, and how many messages the group has left. */
export async function offsetsLeft(
  consumer: Consumer,
  topic: string,
): Promise<{ ends: bigint[]; froms: bigint[]; count: number }> {
  const offsetsAt = async (timestamp: bigint) =>
    (await consumer.listOffsets({ topics: [topic], timestamp })).get(topic) ?? [];
  const [starts, ends] = [await offsetsAt(EARLIEST), await offsetsAt(LATEST)];
  const partitions = ends.map((_, partition) => partition);
  const sent = (await consumer.listCommittedOffsets({ topics: [{ topic, partitions }] })).get(topic) ?? [];
  const froms = partitions.map((partition) =>
    [starts[partition] ?? 0n, sent[partition] ?? 0n].reduce((a, b) => (a > b ? a : b)),
  );
  const count = froms.reduce((sum, from, partition) => sum + Number((ends[partition] ?? 0n) - from), 0);
  return { ends, froms, count };
}

export async function sendBack(
  sender: KafkaSender,
  topic: string,
  letters: readonly Message[],
): Promise<void> {
  const records = letters.map(({ partition, offset, key, value }) => ({
    id: `${partition}/${offset}`,
    key: key ?? '',
    body: value ?? '',
  }));
  const acknowledged = await sender.send(topic, records);
  if (acknowledged.size < records.length) throw new Error('not every event was acknowledged');
}
