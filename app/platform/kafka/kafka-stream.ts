import type { Consumer } from '@platformatic/kafka';
import { within } from './kafka-connection.ts';
import {
  closeConsumer,
  type KafkaConsumerOptions,
  openConsumer,
  openStream,
  type Stream,
} from './kafka-consumer.ts';

export interface KafkaStreamOptions extends KafkaConsumerOptions {
  readonly topic: string;
}

export interface KafkaStreamEvents {
  /** What was read is read again from the committed offsets. */
  readonly onLost: () => void;
  /** Partitions may have another owner, who commits for them. */
  readonly onReassigned: () => void;
}

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

/** One membership in a consumer group, and the stream of its messages. Joins when it is first opened. */
export function createKafkaStream(options: KafkaStreamOptions, events: KafkaStreamEvents): KafkaStream {
  const { topic, log } = options;
  let consumer: Consumer | undefined;
  let stream: Stream | undefined;

  const openMember = async (): Promise<Consumer> => {
    const member = await openConsumer(options);
    member.on('consumer:group:join', () => {
      // Partitions may have another owner now, who commits for them.
      events.onReassigned();
      const partitions = member.assignments?.flatMap((assigned) => assigned.partitions) ?? [];
      log.info('kafka_partitions_assigned', { partitions });
    });
    return member;
  };

  const discard = async (): Promise<void> => {
    const discarded = consumer;
    consumer = undefined;
    stream = undefined;
    events.onLost();
    events.onReassigned();
    if (discarded === undefined) return;
    await closeConsumer(discarded, log);
  };

  return {
    discard,
    async open() {
      if (stream !== undefined && !stream.destroyed && stream.errored === null) return stream;
      stream = undefined;
      events.onLost();
      try {
        consumer ??= await openMember();
        stream = await openStream(consumer, topic, { log });
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
