import { type OrderEvent, orderEventSchema } from '../events/order-event.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { backOffMs } from '../platform/load/back-off.ts';
import { pause } from '../platform/load/pause.ts';
import type { EventBatch, EventReceiver, IncomingEvent, RefusedEvent } from '../platform/event-transport.ts';
import { countEvents } from './count-events.ts';

const BACK_OFF = { firstMs: 400, maxMs: 5000, leastMs: 200 };

export interface ConsumerDependencies {
  readonly database: Database;
  readonly receiver: EventReceiver;
  /** Longest wait for events, in seconds. */
  readonly receiveWaitS: number;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** Called once, after the first events are counted and settled or none were found. */
  readonly onConsuming?: () => void;
}

/**
 * Receives order events and adds them to the statistics until the signal aborts. An event is settled only
 * after it is committed. An event that cannot be parsed or counted is refused, which takes it to the dead
 * letters; it does not delay others. Aborting ends the wait: events that were being delivered at that moment
 * are delivered again.
 */
export async function consumeOrderEvents(
  dependencies: ConsumerDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { receiver, log, receiveWaitS, random } = dependencies;
  let failures = 0;
  let isConsuming = false;
  while (!signal.aborted) {
    try {
      const batch = await receiver.receive({ waitS: receiveWaitS, signal });
      if (batch.events.length > 0) await consumeBatch(dependencies, batch);
      failures = 0;
      if (!isConsuming) dependencies.onConsuming?.();
      isConsuming = true;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      log.warn('event_consume_failed', { failures, error });
      await pause(backOffMs(BACK_OFF, failures, random), signal);
    }
  }
}

/** Counts the readable events and settles the batch. If counting fails, it throws and settles nothing. */
async function consumeBatch(
  { database, nowMs, log }: Pick<ConsumerDependencies, 'database' | 'nowMs' | 'log'>,
  batch: EventBatch,
): Promise<void> {
  const readable: { readonly event: OrderEvent; readonly incoming: IncomingEvent }[] = [];
  const unreadable: RefusedEvent[] = [];
  for (const incoming of batch.events) {
    const event = parseOrderEvent(incoming.body);
    if (event !== undefined) {
      readable.push({ event, incoming });
      continue;
    }
    log.error('event_unreadable', { messageId: incoming.id, receiveCount: incoming.attempts });
    unreadable.push({ event: incoming, reason: 'unreadable' });
  }
  if (readable.length === 0) {
    await batch.settle({ done: [], refused: unreadable });
    return;
  }
  const { done, counted, refused } = await countEvents(
    { database, nowMs },
    readable.map(({ event }) => event),
  );
  for (const { eventId, error } of refused) log.error('event_uncountable', { eventId, error });
  const settled = readable.filter(({ event }) => done.has(event.id)).map(({ incoming }) => incoming);
  const uncountable = readable.filter(({ event }) => !done.has(event.id));
  await batch.settle({
    done: settled,
    refused: [
      ...unreadable,
      ...uncountable.map(({ incoming }) => ({ event: incoming, reason: 'uncountable' })),
    ],
  });
  log.info('events_counted', { received: batch.events.length, counted });
}

function parseOrderEvent(body: string): OrderEvent | undefined {
  try {
    return orderEventSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
