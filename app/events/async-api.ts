import { z } from 'zod';
import { orderEventsQueue } from '../contract/order-events-queue.ts';
import { orderEventsTopic } from '../contract/order-events-topic.ts';
import { EVENTS_PER_MESSAGE_MAX, orderEventSchema } from './order-event.ts';

type Json = Record<string, unknown>;

const SCHEMA_FORMAT = 'application/schema+json;version=draft-2020-12';

/** The branches of the union that the consumer parses, by the name of their event. */
const names = ['OrderCompleted', 'OrderCancelled', 'OrderCompletedV1', 'OrderCancelledV1'] as const;

const summaries = {
  OrderCompleted: 'An order was placed: stock and balance are deducted.',
  OrderCancelled: 'A completed order was cancelled: its lines are no longer sold.',
  OrderCompletedV1: 'OrderCompleted as earlier releases send it, and this one with EVENTS_FORMAT=1.',
  OrderCancelledV1: 'OrderCancelled as earlier releases send it, and this one with EVENTS_FORMAT=1.',
} as const;

/**
 * AsyncAPI 3.0 of the events that other systems receive, from the schemas that the statistics parse. A
 * deployment has the queue or the topic. Both carry the same events, the queue also several in one message.
 */
export function asyncApiDocument(): Json {
  const events = Object.fromEntries(
    orderEventSchema.options.map((schema, at) => {
      const name = names[at] ?? '';
      return [name, message(name as (typeof names)[number], schema)];
    }),
  );
  const messages = { ...events, OrderEventBatch: batch(Object.keys(events)) };
  const referencesTo = (some: Json) =>
    Object.fromEntries(Object.keys(some).map((name) => [name, { $ref: `#/components/messages/${name}` }]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rowlock order events',
      version: '1',
      description:
        'One event for each order and one for each cancellation, delivered at least once: a consumer ' +
        'remembers ids that it has seen. It must read single events and batches of them. Amounts are ' +
        'whole KRW, times are UTC.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      queue: {
        address: orderEventsQueue.name,
        title: 'Amazon SQS',
        description:
          'A standard queue: no order. A message is one event or a batch: a JSON array of events. Messages ' +
          'that were received five times go to the dead letters, and of a batch the events that cannot be ' +
          'counted, one by one.',
        messages: referencesTo(messages),
      },
      topic: {
        address: orderEventsTopic.name,
        title: 'Apache Kafka',
        description:
          'Where EVENTS=kafka. One event per record. The key is the id of the order, so the events of one ' +
          'order are in sequence.',
        messages: referencesTo(events),
        bindings: {
          kafka: {
            topic: orderEventsTopic.name,
            partitions: orderEventsTopic.partitions,
            bindingVersion: '0.5.0',
          },
        },
      },
    },
    operations: {
      receiveFromQueue: { action: 'receive', channel: { $ref: '#/channels/queue' } },
      receiveFromTopic: { action: 'receive', channel: { $ref: '#/channels/topic' } },
    },
    components: { messages },
  };
}

function batch(names: readonly string[]): Json {
  const items = {
    anyOf: names.map((name) => ({ $ref: `#/components/messages/${name}/payload/schema` })),
  };
  return {
    name: 'OrderEventBatch',
    title: 'OrderEventBatch',
    summary: 'Several events in one message, in no order that means anything, each as if it came alone.',
    contentType: 'application/cloudevents-batch+json',
    payload: {
      schemaFormat: SCHEMA_FORMAT,
      schema: { type: 'array', minItems: 1, maxItems: EVENTS_PER_MESSAGE_MAX, items },
    },
  };
}

function message(name: (typeof names)[number], schema: z.ZodType): Json {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input' });
  return {
    name,
    title: name,
    summary: summaries[name],
    contentType: 'application/cloudevents+json',
    payload: { schemaFormat: SCHEMA_FORMAT, schema: payload },
  };
}
