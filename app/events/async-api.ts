import { z } from 'zod';
import { orderEventsQueue } from '../contract/order-events-queue.ts';
import { orderEventsTopic } from '../contract/order-events-topic.ts';
import { orderEventSchema } from './order-event.ts';

type Json = Record<string, unknown>;

/** The branches of the union that the consumer parses, by the name of their event. */
const names = ['OrderCompleted', 'OrderCancelled'] as const;

const summaries = {
  OrderCompleted: 'An order was placed: stock and balance are deducted.',
  OrderCancelled: 'A completed order was cancelled: its lines are no longer sold.',
} as const;

/**
 * AsyncAPI 3.0 of the events that other systems receive, from the schemas that the statistics parse. The
 * queue and the topic carry the same messages; a deployment has one of the two.
 */
export function asyncApiDocument(): Json {
  const messages = Object.fromEntries(
    orderEventSchema.options.map((schema, at) => {
      const name = names[at] ?? '';
      return [name, message(name as (typeof names)[number], schema)];
    }),
  );
  const references = Object.fromEntries(
    Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
  );
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Rowlock order events',
      version: '1',
      description:
        'One event for each order and one for each cancellation, delivered at least once: a consumer ' +
        'remembers ids that it has seen. Amounts are whole KRW, times are UTC.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/cloudevents+json',
    channels: {
      queue: {
        address: orderEventsQueue.name,
        title: 'Amazon SQS',
        description:
          'A standard queue: no order. Events that were received five times go to the dead letters.',
        messages: references,
      },
      topic: {
        address: orderEventsTopic.name,
        title: 'Apache Kafka',
        description:
          'Where EVENTS=kafka. The key is the id of the order, so the events of one order are in sequence.',
        messages: references,
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

function message(name: (typeof names)[number], schema: z.ZodType): Json {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input' });
  return {
    name,
    title: name,
    summary: summaries[name],
    contentType: 'application/cloudevents+json',
    payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema: payload },
  };
}
