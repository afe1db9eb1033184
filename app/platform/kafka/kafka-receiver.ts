import type { Message } from '@platformatic/kafka';
import type { EventReceiver, IncomingMessage, MessageBatch, RefusedMessage } from '../event-transport.ts';
import { kafkaFailure } from './kafka-reason.ts';
import { createKafkaStream, type KafkaStreamOptions } from './kafka-stream.ts';
import { readMessages } from './read-messages.ts';

export interface KafkaReceiverOptions extends KafkaStreamOptions {
  readonly batchMax: number;
  /** Resolves once the dead letters are acknowledged. */
  readonly sendDeadLetters: (refused: readonly KafkaDeadLetter[]) => Promise<void>;
}

export interface KafkaDeadLetter {
  readonly key: Buffer;
  readonly body: Buffer;
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
  /** Bytes of the record, if the letter has only the first of them. */
  readonly cutFrom?: number;
}

/**
 * A larger record is cut, or the dead letter topic might refuse it, and its partition would wait without end.
 * No event of ours has more than 10 KB. The record stays in its topic, where the letter's headers point.
 */
const LETTER_BYTES_MAX = 64 * 1024;
const KEY_BYTES_MAX = 1024;

export type KafkaReceiver = EventReceiver & {
  /** Events that wait in the fullest partition of this consumer; undefined while it has none. */
  lag(): Promise<number | undefined>;
  close(): Promise<void>;
};

type KafkaMessage = Message;
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
  let unsettled: ServedBatch | undefined;
  /** Per partition: the offset after the last settled event, until its commit is acknowledged. */
  const uncommitted = new Map<number, bigint>();
  const stream = createKafkaStream(options, {
    onLost: () => {
      unsettled = undefined;
    },
    onReassigned: () => uncommitted.clear(),
  });

  /** Never rejects: without a commit the events come again, and the inbox recognises them. */
  const commit = async (): Promise<void> => {
    if (uncommitted.size === 0) return;
    const entries = [...uncommitted];
    try {
      await stream.commit(entries);
      for (const [partition, offset] of entries)
        if (uncommitted.get(partition) === offset) uncommitted.delete(partition);
    } catch (error) {
      log.warn('kafka_commit_failed', { partitions: entries.length, error: kafkaFailure(error, where) });
    }
  };

  const serve = (served: ServedBatch): MessageBatch => ({
    messages: [...served.messages.keys()],
    async settle({ done, refused }) {
      const isWhole = done.length + refused.length === served.messages.size;
      // An offset stands for all events before it, so a batch is settled as a whole.
      if (!isWhole) return;
      if (refused.length > 0)
        await options.sendDeadLetters(refused.flatMap((each) => deadLetters(served, each)));
      if (unsettled !== served) return;
      unsettled = undefined;
      for (const { partition, offset } of served.messages.values()) uncommitted.set(partition, offset + 1n);
      await commit();
    },
  });

  return {
    // An offset stands for all before it, so batches are settled one after another.
    receivesInFlightMax: 1,
    fullBatch: batchMax,
    async receive({ waitS, signal }) {
      try {
        // Joining a group may take half a minute; a process that stops does not wait for it.
        const opened = await unlessAborted(stream.open(), signal);
        if (opened === undefined) return nothing;
        if (unsettled !== undefined) {
          unsettled = servedAgain(unsettled);
          return serve(unsettled);
        }
        // A commit that failed is made up for even if no further event comes.
        await commit();
        const messages = await readMessages(opened, { max: batchMax, waitMs: waitS * 1000, signal });
        if (messages.length === 0) return nothing;
        unsettled = { messages: new Map(messages.map((message) => [incomingMessage(message, 1), message])) };
        return serve(unsettled);
      } catch (error) {
        throw kafkaFailure(error, where);
      }
    },
    lag: stream.lag,
    async close() {
      await commit();
      await stream.discard();
    },
  };
}

const nothing: MessageBatch = { messages: [], settle: async () => undefined };

/** Undefined once the signal aborts; the work itself continues. */
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
  readonly messages: ReadonlyMap<IncomingMessage, KafkaMessage>;
}

function servedAgain({ messages }: ServedBatch): ServedBatch {
  return {
    messages: new Map(
      [...messages].map(([{ attempts }, message]) => [incomingMessage(message, attempts + 1), message]),
    ),
  };
}

function incomingMessage({ partition, offset, value }: KafkaMessage, attempts: number): IncomingMessage {
  // A record without a value is none of ours: the empty body makes it unreadable.
  return { id: `${partition}/${offset}`, body: (value ?? '').toString(), attempts };
}

function deadLetters(served: ServedBatch, { message, letters }: RefusedMessage): KafkaDeadLetter[] {
  const record = served.messages.get(message);
  if (record === undefined) throw new Error('the refused message is not of this batch');
  const { partition, offset, key, value } = record;
  const place = { partition, offset, key: bytesOf(key).subarray(0, KEY_BYTES_MAX) };
  return letters.map(({ body, reason }) => {
    // A record that is no text would change, and grow, if it were encoded again.
    const whole = body === message.body ? bytesOf(value) : Buffer.from(body);
    const letter = { ...place, reason, body: whole.subarray(0, LETTER_BYTES_MAX) };
    return letter.body.length < whole.length ? { ...letter, cutFrom: whole.length } : letter;
  });
}

/** Records of others may have neither key nor value, whatever the client's types say. */
const bytesOf = (content: Buffer | null | undefined) => content ?? Buffer.alloc(0);
