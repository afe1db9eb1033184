import type { PlantedBug } from './planted-bug.ts';

/** Bugs in the delivery of events through Kafka. */
export const kafkaBugs: readonly PlantedBug[] = [
  {
    name: 'offset-committed-first',
    why: 'Offsets are committed before the transaction: what a killed consumer had read is never counted.',
    events: 'kafka',
    edits: [
      {
        file: 'app/platform/kafka/kafka-receiver.ts',
        find: '        unsettled = { messages: new Map(',
        replace:
          '        for (const { partition, offset } of messages) uncommitted.set(partition, offset + 1n);\n        await commit();\n        unsettled = { messages: new Map(',
      },
    ],
    schedule: ['kill-consumer-in-batch'],
  },
  {
    name: 'dead-letter-skipped',
    why: 'The offset moves past an event that cannot be counted, and no dead letter is written: it is lost.',
    events: 'kafka',
    edits: [
      {
        file: 'app/platform/kafka/kafka-receiver.ts',
        find: 'if (refused.length > 0)',
        replace: 'if (refused.length < 0)',
      },
    ],
    schedule: ['kafka-poison', 'dead-letters-away'],
  },
  {
    name: 'event-without-key',
    why: 'Events have no key: the events of an order are spread over partitions and consumers.',
    events: 'kafka',
    edits: [
      {
        file: 'app/events/outgoing-event.ts',
        find: 'key: orderIdOf(eventId)',
        replace: "key: ''",
      },
    ],
    schedule: ['kafka-rebalance'],
  },
];
