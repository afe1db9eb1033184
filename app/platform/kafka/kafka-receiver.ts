import type { Consumer, Message, MessagesStream } from '@platformatic/kafka';
import type { EventBatch, EventReceiver, IncomingEvent, RefusedEvent } from '../event-transport.ts';
import type { Log } from '../observe/log.ts';
import { connectionOptions, type KafkaSettings, loadKafkaClient, within } from './kafka-connection.ts';
import { kafkaFailure } from './kafka-reason.ts';
import { readMessages } from './read-messages.ts';

export interface KafkaReceiverOptions {
  readonly settings: KafkaSettings;
  readonly topic: string;
  readonly group: string;
  readonly batchMax: number;
  /** Resolves once the dead letters are acknowledged. */
  readonly sendDeadLetters: (refused: readonly DeadLetter[]) => Promise<void>;
  readonly log: Log;
}

export interface DeadLetter {
  readonly key: string;
  readonly body: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
}

export type KafkaReceiver = EventReceiver & {
  /** Events that wait in the fullest partition of this consumer; undefined while it has none. */
  lag(): Promise<number | undefined>;
  close(): Promise<void>;
};

type KafkaMessage = Message;
type Stream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/** A dead consumer's partitions go to another one after this long. Heartbeats are sent every 3 s. */
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 20_000;
const HEARTBEAT_MS = 3000;
/** Joining waits until all members have joined: at most their rebalance timeout. */
const JOIN_DEADLINE_MS = 30_000;
/** Bounds the memory: with the default of 50 MiB a consumer took 430 MB. */
const FETCH_BYTES_MAX = 1024 * 1024;
/** A fetch returns earlier when there are events. Stopping waits for a fetch in progress. */
const FETCH_WAIT_MS = 1000;
const STREAM_BUFFER_MAX = 1024;
const CLOSE_DEADLINE_MS = 3000;

/**
 * Consumes with a consumer group of the classic protocol, whose session timeout the client may choose.
 * Offsets are committed when a batch is settled, so after its transaction: whatever ends this consumer, the
 * next owner of a partition starts at an event that may have been counted and never behind one that has not.
 *
 * A stream delivers each partition in order from its committed offset. The messages that it has read are all
 * served, also after a rebalance; a stream that failed is dropped with them, and the next one starts from the
 * committed offsets again. So an offset is never committed before all events in front of it are settled.
 */
export function createKafkaReceiver(options: KafkaReceiverOptions): KafkaReceiver {
  const { topic, batchMax, log } = options;
  const where = { brokers: options.settings.brokers.join(','), topic };
  let consumer: Consumer | undefined;
  let stream: Stream | undefined;
  let unsettled: ServedBatch | undefined;
  /** Per partition: the offset after the last settled event, until its commit is acknowledged. */
  const uncommitted = new Map<number, bigint>();

  const discardConsumer = async (): Promise<void> => {
    const discarded = consumer;
    consumer = undefined;
    stream = undefined;
    unsettled = undefined;
    uncommitted.clear();
    if (discarded === undefined) return;
    await within(discarded.close(true), 'closing the consumer', CLOSE_DEADLINE_MS).catch((error: unknown) =>
      log.warn('kafka_close_failed', { error }),
    );
  };

  const openStream = async (): Promise<Stream> => {
    if (stream !== undefined && !stream.destroyed && stream.errored === null) return stream;
    // What the last stream had read is read again from the committed offsets.
    stream = undefined;
    unsettled = undefined;
    try {
      consumer ??= await openConsumer(options, () => uncommitted.clear());
      const opened = await within(
        consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false }),
        'joining the consumer group',
        JOIN_DEADLINE_MS,
      );
      // The stream needs a listener, otherwise it stops fetching between two reads and never resumes.
      opened.on('readable', () => undefined);
      // The next read reports it.
      opened.on('error', (error: unknown) => log.debug('kafka_stream_error', { error }));
      stream = opened;
      return opened;
    } catch (error) {
      await discardConsumer();
      throw error;
    }
  };

  /** Never rejects: without a commit the events come again, and the inbox recognises them. */
  const commit = async (): Promise<void> => {
    if (consumer === undefined || uncommitted.size === 0) return;
    const entries = [...uncommitted];
    const offsets = entries.map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }));
    try {
      await within(consumer.commit({ offsets }), 'a commit');
      for (const [partition, offset] of entries)
        if (uncommitted.get(partition) === offset) uncommitted.delete(partition);
    } catch (error) {
      log.warn('kafka_commit_failed', { partitions: entries.length, error: kafkaFailure(error, where) });
    }
  };

  const serve = (served: ServedBatch): EventBatch => ({
    events: [...served.messages.keys()],
    async settle({ done, refused }) {
      const isWhole = done.length + refused.length === served.messages.size;
      // An offset stands for all events before it, so a batch is settled as a whole.
      if (!isWhole) return;
      if (refused.length > 0) await options.sendDeadLetters(refused.map((each) => deadLetter(served, each)));
      if (unsettled !== served) return;
      unsettled = undefined;
      for (const { partition, offset } of served.messages.values()) uncommitted.set(partition, offset + 1n);
      await commit();
    },
  });

  return {
    async receive({ waitS, signal }) {
      try {
        // Joining a group may take half a minute; a process that stops does not wait for it.
        const opened = await unlessAborted(openStream(), signal);
        if (opened === undefined) return nothing;
        if (unsettled !== undefined) {
          unsettled = servedAgain(unsettled);
          return serve(unsettled);
        }
        // A commit that failed is made up for even if no further event comes.
        await commit();
        const messages = await readMessages(opened, { max: batchMax, waitMs: waitS * 1000, signal });
        if (messages.length === 0) return nothing;
        unsettled = { messages: new Map(messages.map((message) => [incomingEvent(message, 1), message])) };
        return serve(unsettled);
      } catch (error) {
        throw kafkaFailure(error, where);
      }
    },
    async lag() {
      if (consumer === undefined || stream === undefined) return undefined;
      const lags = await within(consumer.getLag({ topics: [topic] }), 'a question to Kafka');
      const own = (lags.get(topic) ?? []).filter((lag) => lag >= 0n).map(Number);
      return own.length === 0 ? undefined : Math.max(...own);
    },
    async close() {
      await commit();
      await discardConsumer();
    },
  };
}

const nothing: EventBatch = { events: [], settle: async () => undefined };

/** Undefined once the signal aborts; the work itself goes on. */
async function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const abort = () => aborted.resolve(undefined);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

interface ServedBatch {
  readonly messages: ReadonlyMap<IncomingEvent, KafkaMessage>;
}

function servedAgain({ messages }: ServedBatch): ServedBatch {
  return {
    messages: new Map(
      [...messages].map(([{ attempts }, message]) => [incomingEvent(message, attempts + 1), message]),
    ),
  };
}

function incomingEvent({ partition, offset, value }: KafkaMessage, attempts: number): IncomingEvent {
  // A record without a value is none of ours: the empty body makes it unreadable.
  return { id: `${partition}/${offset}`, body: (value ?? '').toString(), attempts };
}

function deadLetter({ messages }: ServedBatch, { event, reason }: RefusedEvent): DeadLetter {
  const message = messages.get(event);
  if (message === undefined) throw new Error('the refused event is not of this batch');
  const { partition, offset, key } = message;
  return { key: (key ?? '').toString(), body: event.body, partition, offset, reason };
}

async function openConsumer(
  { settings, group, log }: KafkaReceiverOptions,
  onJoin: () => void,
): Promise<Consumer> {
  const { Consumer } = await loadKafkaClient();
  const consumer = new Consumer({
    ...connectionOptions(settings),
    groupId: group,
    groupProtocol: 'classic',
    sessionTimeout: SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    autocommit: false,
    minBytes: 1,
    maxBytes: FETCH_BYTES_MAX,
    maxBytesPerPartition: FETCH_BYTES_MAX,
    maxWaitTime: FETCH_WAIT_MS,
    highWaterMark: STREAM_BUFFER_MAX,
  });
  // The stream and the calls report errors; without a listener this event would end the process.
  consumer.on('error', (error: unknown) => log.debug('kafka_consumer_error', { error }));
  consumer.on('consumer:group:join', () => {
    // Partitions may have another owner now, who commits for them.
    onJoin();
    const partitions = consumer.assignments?.flatMap((assigned) => assigned.partitions) ?? [];
    log.info('kafka_partitions_assigned', { partitions });
  });
  return consumer;
}
