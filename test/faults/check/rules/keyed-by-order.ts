import type { Finding } from '../check-history.ts';
import type { Facts } from '../facts.ts';

/**
 * Every record in Kafka has its order's id as key, so that the events of one order are in one partition. They
 * are not always in order: a completion that had to be sent again may follow its cancellation.
 */
export function keyedByOrder({ state: { topic } }: Facts): Finding[] {
  const partitions = new Map<string, number>();
  return (topic?.records ?? []).flatMap(({ key, eventId, partition }): Finding[] => {
    const orderId = `${eventId.slice(0, 14)}7${eventId.slice(15)}`;
    if (key !== orderId) return [{ detail: `the key of event ${eventId} is ${key || 'empty'}` }];
    const first = partitions.get(orderId) ?? partition;
    partitions.set(orderId, first);
    return first === partition
      ? []
      : [{ detail: `events of order ${orderId} are in the partitions ${first} and ${partition}` }];
  });
}
