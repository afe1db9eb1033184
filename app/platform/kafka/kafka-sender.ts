import type { Producer } from '@platformatic/kafka';
import type { Log } from '../observe/log.ts';
import {
  CALL_DEADLINE_MS,
  connectionOptions,
  type KafkaSettings,
  loadKafkaClient,
  within,
} from './kafka-connection.ts';
import { kafkaFailure } from './kafka-reason.ts';

export interface OutgoingRecord {
  readonly id: string;
  readonly key: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface KafkaSender {
  /** Returns the ids that every in-sync replica has. Throws if there are none. */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<ReadonlySet<string>>;
  /** Rejects with one sentence unless the topic can be used. */
  checkTopic(topic: string): Promise<void>;
  close(): Promise<void>;
}

const CLOSE_DEADLINE_MS = 2000;
/** acks=all: the leader answers once every in-sync replica has the records. */
const ALL_IN_SYNC = -1;

/**
 * Sends records with acks=all. The producer is not idempotent: measured, that still left duplicates after the
 * death of a broker and sends that never settled. The outbox repeats what is not acknowledged, and the inbox
 * recognises what comes twice. The partition follows from the key as in Kafka's own clients (murmur2).
 */
export function createKafkaSender(settings: KafkaSettings, log: Log): KafkaSender {
  const brokers = settings.brokers.join(',');
  let opening: Promise<OpenProducer> | undefined;
  const open = () => (opening ??= openProducer(settings, log));

  const partitionsOf = async (topic: string, forceUpdate = false): Promise<number> => {
    const { producer } = await open();
    const { topics } = await producer.metadata({ topics: [topic], forceUpdate });
    return topics.get(topic)?.partitionsCount ?? 1;
  };

  const sendNow = async (topic: string, records: readonly OutgoingRecord[]): Promise<ReadonlySet<string>> => {
    const { producer, hash } = await open();
    const partitionsCount = await partitionsOf(topic);
    const messages = records.map(({ key, body, headers = {} }) => {
      const keyBytes = Buffer.from(key);
      return {
        topic,
        key: keyBytes,
        value: Buffer.from(body),
        headers: new Map(
          Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]),
        ),
        partition: hash(keyBytes) % partitionsCount,
      };
    });
    try {
      await producer.send({ messages, acks: ALL_IN_SYNC });
      return new Set(records.map(({ id }) => id));
    } catch (error) {
      // The other brokers may have taken their part.
      const { offsets = [] } = (error as { produced?: { offsets?: { partition: number }[] } }).produced ?? {};
      const taken = new Set(offsets.map(({ partition }) => partition));
      const ids = records.filter((_, index) => taken.has(messages[index]?.partition ?? -1));
      if (ids.length === 0) throw error;
      log.warn('kafka_send_incomplete', { events: records.length, acknowledged: ids.length, error });
      return new Set(ids.map(({ id }) => id));
    }
  };

  /** The deadline begins once the client is loaded, which takes seconds on a busy machine. */
  const inTime = async <Result>(
    topic: string,
    what: string,
    call: () => Promise<Result>,
  ): Promise<Result> => {
    try {
      await open();
      return await within(call(), what, CALL_DEADLINE_MS);
    } catch (error) {
      throw kafkaFailure(error, { brokers, topic });
    }
  };

  return {
    send: (topic, records) => inTime(topic, 'a send to Kafka', () => sendNow(topic, records)),
    checkTopic: async (topic) => {
      await inTime(topic, 'a question to Kafka', () => partitionsOf(topic, true));
    },
    close: async () => {
      if (opening === undefined) return;
      const { producer } = await opening;
      await within(producer.close(true), 'closing the producer', CLOSE_DEADLINE_MS).catch((error: unknown) =>
        log.warn('kafka_close_failed', { error }),
      );
    },
  };
}

interface OpenProducer {
  readonly producer: Producer;
  /** Of a key, as every client of Kafka computes it; the partition is its remainder. */
  readonly hash: (key: Buffer) => number;
}

async function openProducer(settings: KafkaSettings, log: Log): Promise<OpenProducer> {
  const { compatibilityPartitioner, Producer } = await loadKafkaClient();
  const producer = new Producer({
    ...connectionOptions(settings),
    acks: ALL_IN_SYNC,
    idempotent: false,
  });
  // Calls report their own errors; without a listener this event would end the process.
  producer.on('error', (error: unknown) => log.debug('kafka_producer_error', { error }));
  return { producer, hash: (key) => compatibilityPartitioner({ topic: '' }, key) };
}
