import type { Message } from '@platformatic/kafka';
import { offsetsLeft, redriveGroup } from './kafka-backlog.ts';
import { type KafkaTransportOptions, within } from './kafka-connection.ts';
import { closeConsumer, openConsumer, openStream } from './kafka-consumer.ts';
import { readMessages } from './read-messages.ts';

export type DeadLetterOptions = Omit<KafkaTransportOptions, 'consumes'>;

/** Dead letters that were not sent back. One that comes later than this list is not in it. */
export interface DeadLettersLeft {
  readonly count: number;
  /** The first offset of each partition that was not sent back. */
  readonly froms: readonly bigint[];
  /** Reads up to `max` of them. Ends early when none arrives within `waitMs`. */
  read(max: number, wait: { readonly waitMs: number; readonly joinMs?: number }): AsyncGenerator<Message[]>;
  /** Takes these letters, which are the next ones of their partitions, for sent back. */
  commit(letters: readonly Message[]): Promise<void>;
}

const BATCH_MAX = 128;

/**
 * Joins the redrive's group, the only one that the permissions allow, and leaves it once `use` has ended: of
 * two redrives at once one may have to be repeated.
 */
export async function withDeadLetters<Result>(
  { settings, deadLetterTopic: topic, group, log }: DeadLetterOptions,
  use: (letters: DeadLettersLeft) => Promise<Result>,
): Promise<Result> {
  const consumer = await openConsumer({ settings, group: redriveGroup(group), log });
  try {
    const { ends, froms, count } = await offsetsLeft(consumer, topic);
    return await use({
      count,
      froms,
      async *read(max, { waitMs, joinMs }) {
        let left = Math.min(count, max);
        if (left === 0) return;
        const stream = await openStream(consumer, topic, { log, deadlineMs: joinMs });
        const { signal } = new AbortController();
        while (left > 0) {
          const messages = await readMessages(stream, { max: BATCH_MAX, waitMs, signal });
          if (messages.length === 0) return;
          const letters = messages
            .filter(({ partition, offset }) => offset < (ends[partition] ?? 0n))
            .slice(0, left);
          left -= letters.length;
          if (letters.length > 0) yield letters;
        }
      },
      async commit(letters) {
        const next = new Map(letters.map(({ partition, offset }) => [partition, offset + 1n]));
        const offsets = [...next].map(([partition, offset]) => {
          return { topic, partition, offset, leaderEpoch: -1 };
        });
        await within(consumer.commit({ offsets }), 'a commit');
      },
    });
  } finally {
    await closeConsumer(consumer, log);
  }
}
