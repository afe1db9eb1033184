/**
 * Sends or receives order events through a transport of the app, as fast as it can, and nothing else: its CPU
 * time is that of the transport. EVENT_MOVER holds an EventMover as JSON.
 *
 *   GET /readyz   200 once events move
 *   GET /moved    Moved: since the start
 */
import { createServer } from 'node:http';
import { EVENTS_PER_MESSAGE } from '../../../app/contract/order-events-queue.ts';
import { orderCompletedEvent } from '../../../app/events/order-event.ts';
import { openSqsTransport } from '../../../app/platform/aws/sqs.ts';
import type { EventTransport, OutgoingEvent } from '../../../app/platform/event-transport.ts';
import { openKafkaTransport } from '../../../app/platform/kafka/kafka.ts';
import { createLog } from '../../../app/platform/observe/log.ts';
import { newUuid } from '../../../app/platform/uuid.ts';

export interface EventMover {
  readonly direction: 'send' | 'receive';
  readonly sqs?: { readonly queueUrl: string; readonly endpoint: string };
  readonly kafka?: { readonly brokers: string; readonly topic: string; readonly deadLetterTopic: string };
}

export interface Moved {
  readonly events: number;
  /** CPU time of this process, user and system. */
  readonly cpuUs: number;
}

const RECEIVE_WAIT_S = 5;
/** Events are made before the first is sent: making them is the order's work. */
const EVENTS_MADE = 4096;

const { direction, sqs, kafka } = JSON.parse(process.env.EVENT_MOVER || '{}') as EventMover;
const log = createLog({ level: 'error', role: 'event-mover', stage: 'bench' });
const transport = openTransport();
const stopping = new AbortController();
let events = 0;

const server = createServer(({ url }, response) => {
  const { user, system } = process.cpuUsage();
  const moved: Moved = { events, cpuUs: user + system };
  response.statusCode = url === '/moved' || events > 0 ? 200 : 503;
  response.end(JSON.stringify(moved));
}).listen(Number(process.env.HTTP_PORT), '127.0.0.1');
process.once('SIGTERM', () => stopping.abort());
await (direction === 'send' ? sendAll() : receiveAll());
await transport.close();
server.close();

function openTransport(): EventTransport {
  if (sqs !== undefined)
    return openSqsTransport({ ...sqs, region: 'ap-northeast-2', eventsPerMessageMax: EVENTS_PER_MESSAGE });
  if (kafka === undefined) throw new Error('EVENT_MOVER names no transport');
  return openKafkaTransport({
    settings: { brokers: kafka.brokers.split(','), tls: false, clientId: 'rowlock-bench' },
    topic: kafka.topic,
    deadLetterTopic: kafka.deadLetterTopic,
    group: newUuid(),
    consumes: direction === 'receive',
    log,
  });
}

async function sendAll(): Promise<void> {
  const made = Array.from({ length: EVENTS_MADE }, newEvent);
  let next = 0;
  const lane = async () => {
    while (!stopping.signal.aborted) {
      const batch = Array.from(
        { length: transport.batchMax },
        () => made[next++ % EVENTS_MADE] ?? newEvent(),
      );
      events += (await transport.send(batch)).size;
    }
  };
  await Promise.all(Array.from({ length: transport.sendsInFlightMax }, lane));
}

/** As many loops as the role data-platform has at most, which parse messages and settle batch by batch. */
async function receiveAll(): Promise<void> {
  const { signal } = stopping;
  const lane = async () => {
    while (!signal.aborted) {
      const batch = await transport.receive({ waitS: RECEIVE_WAIT_S, signal });
      const received = batch.messages.flatMap(({ body }) => JSON.parse(body) as object | object[]);
      await batch.settle({ done: batch.messages, refused: [] });
      events += received.length;
    }
  };
  await Promise.all(Array.from({ length: transport.receivesInFlightMax }, lane));
}

function newEvent(): OutgoingEvent {
  const orderId = newUuid();
  const event = orderCompletedEvent({
    orderId,
    userId: newUuid(),
    totalKrw: 3000,
    discountKrw: 0,
    createdAt: new Date(),
    items: Array.from({ length: 3 }, () => ({ productId: newUuid(), quantity: 1, unitPriceKrw: 1000 })),
  });
  return { id: event.id, key: orderId, body: JSON.stringify(event) };
}
