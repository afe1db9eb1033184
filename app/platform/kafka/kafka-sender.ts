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
  readonly key: string | Buffer;
  readonly body: string | Buffer;
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
/** Half of what a topic takes at once by default; a request of 128 events has some 60 KB. */
const REQUEST_BYTES_MAX = 512 * 1024;
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

  const sendNow = async (topic: string, records: readonly SizedRecord[]): Promise<ReadonlySet<string>> => {
    const { producer, hash } = await open();
    const partitionsCount = await partitionsOf(topic);
    const messages = records.map(({ key, value, headers }) => {
      return { topic, key, value, headers, partition: hash(key) % partitionsCount };
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
    async send(topic, records) {
      const acknowledged = new Set<string>();
      for (const part of requestsOf(records.map(sized))) {
        try {
          const ids = await inTime(topic, 'a send to Kafka', () => sendNow(topic, part));
          for (const id of ids) acknowledged.add(id);
        } catch (error) {
          if (acknowledged.size === 0) throw error;
          log.warn('kafka_send_incomplete', {
            events: records.length,
            acknowledged: acknowledged.size,
            error,
          });
          break;
        }
      }
      return acknowledged;
    },
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

interface SizedRecord {
  readonly id: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
}

function sized({ id, key, body, headers = {} }: OutgoingRecord): SizedRecord {
  const named = Object.entries(headers).map(([name, value]) => [bytesOf(name), bytesOf(value)] as const);
  return { id, key: bytesOf(key), value: bytesOf(body), headers: new Map(named) };
}

const bytesOf = (content: string | Buffer) => (typeof content === 'string' ? Buffer.from(content) : content);

/** Parts that a topic takes: its limit, `max.message.bytes`, is that of all records for one partition. */
function requestsOf(records: readonly SizedRecord[]): SizedRecord[][] {
  const requests: SizedRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const added = record.key.length + record.value.length;
    if (bytes + added > REQUEST_BYTES_MAX) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)?.push(record);
    bytes += added;
  }
  return requests;
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
