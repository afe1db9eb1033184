import type { Consumer, MessagesStream } from '@platformatic/kafka';
import type { Log } from '../observe/log.ts';
import {
  connectionOptions,
  fetchLimits,
  type KafkaSettings,
  loadKafkaClient,
  within,
} from './kafka-connection.ts';

export interface KafkaConsumerOptions {
  readonly settings: KafkaSettings;
  readonly group: string;
  readonly log: Log;
}

export type Stream = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/** A dead consumer's partitions go to another one after this long. Heartbeats are sent every 3 s. */
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 20_000;
const HEARTBEAT_MS = 3000;
/** Joining waits until all members have joined: at most their rebalance timeout. */
const JOIN_DEADLINE_MS = 30_000;
/** A fetch returns earlier when there are events. Stopping waits for a fetch in progress. */
const FETCH_WAIT_MS = 1000;
const CLOSE_DEADLINE_MS = 3000;

/** A consumer of the group, which it joins with its first stream. It commits nothing on its own. */
export async function openConsumer({ settings, group, log }: KafkaConsumerOptions): Promise<Consumer> {
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
  return consumer;
}

/** Leaves the group. A failure is logged. */
export async function closeConsumer(consumer: Consumer, log: Log): Promise<void> {
  await within(consumer.close(true), 'closing the consumer', CLOSE_DEADLINE_MS).catch((error: unknown) =>
    log.warn('kafka_close_failed', { error }),
  );
}

/**
 * Joins the group and begins to fetch from the committed offsets. Rejects if the group cannot be joined by
 * the deadline.
 */
export function openStream(
  consumer: Consumer,
  topic: string,
  { log, deadlineMs = JOIN_DEADLINE_MS }: { readonly log: Log; readonly deadlineMs?: number | undefined },
): Promise<Stream> {
  const joined = new Promise<Stream>((resolve, reject) => {
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
  return within(joined, 'joining the consumer group', deadlineMs);
}
