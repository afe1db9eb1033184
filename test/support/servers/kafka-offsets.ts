import type { Admin } from '@platformatic/kafka';
import { orderEventsTopic } from '../../../app/contract/order-events-topic.ts';
import { until } from '../until.ts';

const partitions = Array.from({ length: orderEventsTopic.partitions }, (_, partition) => partition);

/** Offsets of order events' topics, and those of one topic that a group has committed. */
export function createKafkaOffsets({
  admin,
  topic,
  group,
}: {
  readonly admin: Admin;
  readonly topic: string;
  readonly group: string;
}) {
  /** First and next offset of each partition. */
  const ends = async (name: string) => {
    const ask = async (timestamp: bigint) => {
      const [listed] = await admin.listOffsets({
        topics: [{ name, partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp })) }],
      });
      const found = new Map(listed?.partitions.map((each) => [each.partitionIndex, Number(each.offset)]));
      return partitions.map((partition) => found.get(partition) ?? 0);
    };
    const [first, next] = [await ask(-2n), await ask(-1n)];
    return { first, next };
  };
  /** Offsets that the group has committed, by partition; -1 where it has none. */
  const committed = async (): Promise<number[]> => {
    const found = await admin.listConsumerGroupOffsets({
      groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: partitions }] }],
    });
    const offsets = partitions.map(() => -1);
    for (const { partitionIndex, committedOffset } of found[0]?.topics[0]?.partitions ?? [])
      offsets[partitionIndex] = Number(committedOffset);
    return offsets;
  };
  return {
    committed,
    /** Number of records in a topic. */
    count: async (name: string): Promise<number> => {
      const { first, next } = await ends(name);
      return next.reduce((sum, offset, partition) => sum + offset - (first[partition] ?? 0), 0);
    },
    /** Number of the topic's records after the committed offsets. */
    waiting: async (): Promise<number> => {
      const [{ first, next }, settled] = [await ends(topic), await committed()];
      return next.reduce(
        (sum, offset, partition) => sum + offset - Math.max(first[partition] ?? 0, settled[partition] ?? 0),
        0,
      );
    },
    /** Sets the group back to the start of the topic, once it has no member. */
    rewind: async (): Promise<void> => {
      const partitionOffsets = partitions.map((partition) => ({ partition, offset: 0n }));
      await until('the group is empty', async () => {
        await admin.alterConsumerGroupOffsets({
          groupId: group,
          topics: [{ name: topic, partitionOffsets }],
        });
        return true;
      });
    },
  };
}
