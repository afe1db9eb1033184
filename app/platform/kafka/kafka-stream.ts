import type { Consumer, MessagesStream } from '@platformatic/kafka';
import type { Log } from '../observe/log.ts';
import {
  connectionOptions,
  fetchLimits,
  type KafkaSettings,
  loadKafkaClient,
  within,
} from './kafka-connection.ts';

export interface KafkaStreamOptions {
  readonly settings: KafkaSettings;
  readonly topic: string;
  readonly group: string;
  readonly log: Log;
}

export interface KafkaStreamEvents {
  /** What was read is read again from the committed offsets. */
  readonly onLost: () => void;
  /** Partitions may have another owner, who commits for them. */
  readonly onReassigned: () => void;
}

export type Stream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

export interface KafkaStream {
  /** The stream, opened again if it has failed. Rejects if the group cannot be joined. */
  open(): Promise<Stream>;
  /** Commits the offset of each partition. Rejects without an acknowledgement in time. */
  commit(offsets: readonly (readonly [partition: number, offset: bigint])[]): Promise<void>;
  /** Events that wait in the fullest partition of this consumer; undefined while it has none. */
  lag(): Promise<number | undefined>;
  /** Leaves the group. */
  discard(): Promise<void>;
}

/** A dead consumer's partitions go to another one after this long. Heartbeats are sent every 3 s. */
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 20_000;
const HEARTBEAT_MS = 3000;
/** Joining waits until all members have joined: at most their rebalance timeout. */
const JOIN_DEADLINE_MS = 30_000;
/** A fetch returns earlier when there are events. Stopping waits for a fetch in progress. */
const FETCH_WAIT_MS = 1000;
const CLOSE_DEADLINE_MS = 3000;

/** One membership in a consumer group, and the stream of its messages. Joins when it is first opened. */
export function createKafkaStream(options: KafkaStreamOptions, events: KafkaStreamEvents): KafkaStream {
  const { topic, log } = options;
  let consumer: Consumer | undefined;
  let stream: Stream | undefined;

  const discard = async (): Promise<void> => {
    const discarded = consumer;
    consumer = undefined;
    stream = undefined;
    events.onLost();
    events.onReassigned();
    if (discarded === undefined) return;
    await within(discarded.close(true), 'closing the consumer', CLOSE_DEADLINE_MS).catch((error: unknown) =>
      log.warn('kafka_close_failed', { error }),
    );
  };

  return {
    discard,
    async open() {
      if (stream !== undefined && !stream.destroyed && stream.errored === null) return stream;
      stream = undefined;
      events.onLost();
      try {
        consumer ??= await openConsumer(options, events.onReassigned);
        stream = await within(join(consumer, options), 'joining the consumer group', JOIN_DEADLINE_MS);
        return stream;
      } catch (error) {
        await discard();
        throw error;
      }
    },
    async commit(entries) {
      if (consumer === undefined) return;
      const offsets = entries.map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }));
      await within(consumer.commit({ offsets }), 'a commit');
    },
    async lag() {
      if (consumer === undefined || stream === undefined) return undefined;
      const lags = await within(consumer.getLag({ topics: [topic] }), 'a question to Kafka');
      const own = (lags.get(topic) ?? []).filter((lag) => lag >= 0n).map(Number);
      return own.length === 0 ? undefined : Math.max(...own);
    },
  };
}

/** Joins the group and begins to fetch from the committed offsets. */
function join(consumer: Consumer, { topic, log }: KafkaStreamOptions): Promise<Stream> {
  return new Promise((resolve, reject) => {
    // A callback, because a promise settles too late: a stream whose consumer is being closed fails in the
    // next tick, and an error without a listener would end the process.
    consumer.consume(
      { topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: false },
      (error, stream) => {
        if (stream === undefined) {
          reject(error ?? new Error('Kafka opened no stream'));
          return;
        }
        // The next read reports it.
        stream.on('error', (failure: unknown) => log.debug('kafka_stream_error', { error: failure }));
        // The stream needs a listener, otherwise it stops fetching between two reads and never resumes.
        stream.on('readable', () => undefined);
        resolve(stream);
      },
    );
  });
}

async function openConsumer(
  { settings, group, log }: KafkaStreamOptions,
  onReassigned: () => void,
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
    ...fetchLimits,
    maxWaitTime: FETCH_WAIT_MS,
  });
  // The stream and the calls report errors; without a listener this event would end the process.
  consumer.on('error', (error: unknown) => log.debug('kafka_consumer_error', { error }));
  consumer.on('consumer:group:join', () => {
    // Partitions may have another owner now, who commits for them.
    onReassigned();
    const partitions = consumer.assignments?.flatMap((assigned) => assigned.partitions) ?? [];
    log.info('kafka_partitions_assigned', { partitions });
  });
  return consumer;
}
