import type { Consumer } from '@platformatic/kafka';
import type { EventBacklog } from '../event-transport.ts';
import { type KafkaTransportOptions, within } from './kafka-connection.ts';
import { closeConsumer, openConsumer } from './kafka-consumer.ts';

/** What Kafka's ListOffsets calls the first and the next offset. */
const EARLIEST = -2n;
const LATEST = -1n;

/** Counts the events that the group has not read, and the dead letters that were not sent back. */
export async function readKafkaBacklog({
  settings,
  topic,
  deadLetterTopic,
  group,
  log,
}: Omit<KafkaTransportOptions, 'consumes'>): Promise<EventBacklog> {
  const countOf = async (groupName: string, name: string): Promise<number> => {
    const consumer = await openConsumer({ settings, group: groupName, log });
    try {
      return (await offsetsLeft(consumer, name)).count;
    } finally {
      await closeConsumer(consumer, log);
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
export function offsetsLeft(
  consumer: Consumer,
  topic: string,
): Promise<{ ends: bigint[]; froms: bigint[]; count: number }> {
  return within(askOffsets(consumer, topic), 'a question to Kafka');
}

async function askOffsets(consumer: Consumer, topic: string) {
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
