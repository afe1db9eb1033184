import type { Consumer, Message } from '@platformatic/kafka';
import type { EventTransport, WaitingLetter, WaitingLetters } from '../event-transport.ts';
import { connectionOptions, fetchLimits, loadKafkaClient, within } from './kafka-connection.ts';
import type { KafkaSender } from './kafka-sender.ts';
import { readMessages } from './read-messages.ts';
import { offsetsLeft, redriveGroup, type RedriveOptions, sendBack } from './redrive-dead-letters.ts';

/** A request ends after eight seconds. */
const LIST_WAIT_MS = 2000;
const BATCH_MAX = 128;
/** Letters among which one is searched. */
const SEARCHED_MAX = 1000;

/** Reads dead letters behind the offsets of the redrive, which stay where they are. */
export function readKafkaDeadLetters(options: RedriveOptions, max: number): Promise<WaitingLetters> {
  return withDeadLetters(options, max, async ({ messages, count }) => ({
    letters: messages.map(letterOf),
    isComplete: messages.length === count,
  }));
}

/**
 * Sends one dead letter back. The first one of its partition is then behind the offset of the redrive; any
 * other stays among the dead letters, as an offset stands for all records before it.
 */
export function redriveKafkaLetter(
  options: RedriveOptions,
  sender: KafkaSender,
  [id, announce]: Parameters<EventTransport['redriveOne']>,
): Promise<boolean> {
  const { topic, deadLetterTopic } = options;
  return withDeadLetters(options, SEARCHED_MAX, async ({ messages, froms, consumer }) => {
    const message = messages.find((each) => idOf(each) === id);
    if (message === undefined) return false;
    await announce(letterOf(message));
    await sendBack(sender, topic, [message]);
    const { partition, offset } = message;
    if (offset !== froms[partition]) return true;
    const next = { topic: deadLetterTopic, partition, offset: offset + 1n, leaderEpoch: -1 };
    await consumer.commit({ offsets: [next] });
    return true;
  });
}

interface DeadLetters {
  /** Up to the maximum, without those that were sent back. */
  readonly messages: readonly Message[];
  /** Number of all of them. */
  readonly count: number;
  /** The first offset of each partition that was not sent back. */
  readonly froms: readonly bigint[];
  readonly consumer: Consumer;
}

/**
 * Joins the redrive's group, the only one that the permissions allow: a redrive that runs at that moment may
 * have to be repeated.
 */
async function withDeadLetters<Result>(
  { settings, deadLetterTopic, group, log }: RedriveOptions,
  max: number,
  use: (letters: DeadLetters) => Promise<Result>,
): Promise<Result> {
  const { Consumer } = await loadKafkaClient();
  const consumer = new Consumer({
    ...connectionOptions(settings),
    groupId: redriveGroup(group),
    autocommit: false,
    ...fetchLimits,
    maxWaitTime: 500,
  });
  consumer.on('error', (error: unknown) => log.debug('kafka_consumer_error', { error }));
  try {
    const { ends, froms, count } = await within(
      offsetsLeft(consumer, deadLetterTopic),
      'a question to Kafka',
    );
    const due = Math.min(count, max);
    if (due === 0) return await use({ messages: [], count, froms, consumer });
    const offsets = froms.map((offset, partition) => ({ topic: deadLetterTopic, partition, offset }));
    const stream = await within(
      consumer.consume({ topics: [deadLetterTopic], mode: 'manual', offsets }),
      'joining the consumer group',
    );
    stream.on('readable', () => undefined);
    stream.on('error', (error: unknown) => log.debug('kafka_stream_error', { error }));
    const { signal } = new AbortController();
    const found: Message[] = [];
    while (found.length < due) {
      const messages = await readMessages(stream, { max: BATCH_MAX, waitMs: LIST_WAIT_MS, signal });
      if (messages.length === 0) break;
      found.push(...messages.filter(({ partition, offset }) => offset < (ends[partition] ?? 0n)));
    }
    return await use({ messages: found.slice(0, max), count, froms, consumer });
  } finally {
    await consumer.close(true).catch((error: unknown) => log.warn('kafka_close_failed', { error }));
  }
}

function letterOf(message: Message): WaitingLetter {
  const { value, headers } = message;
  return { id: idOf(message), body: (value ?? '').toString(), reason: headerOf(headers, 'reason') };
}

/** May be part of a path. */
function idOf({ partition, offset }: Message): string {
  return `${partition}-${offset}`;
}

function headerOf(headers: Message['headers'], name: string): string | undefined {
  for (const [key, value] of headers) if (key.toString() === name) return value.toString();
  return undefined;
}
