import { type OrderEvent, orderEventSchema } from '../events/order-event.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { backOffMs } from '../platform/load/back-off.ts';
import { pause } from '../platform/load/pause.ts';
import type { Queue, ReceivedMessage } from '../platform/aws/sqs.ts';
import { countEvents } from './count-events.ts';

const BACK_OFF = { firstMs: 400, maxMs: 5000, leastMs: 200 };

export interface ConsumerDependencies {
  readonly database: Database;
  readonly queue: Queue;
  /** Long-poll wait, in seconds. */
  readonly receiveWaitS: number;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** Called once, after the first messages are counted and deleted or the queue was found empty. */
  readonly onConsuming?: () => void;
}

/**
 * Receives order events from the queue and adds them to the statistics until the signal aborts. A message is
 * deleted only after its event is committed. A message that cannot be parsed stays, is redelivered and ends
 * in the dead-letter queue after five receives; it does not delay others. Aborting ends the long poll:
 * messages that SQS was delivering at that moment are redelivered after the visibility timeout.
 */
export async function consumeOrderEvents(
  dependencies: ConsumerDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { queue, log, receiveWaitS, random } = dependencies;
  let failures = 0;
  let isConsuming = false;
  while (!signal.aborted) {
    try {
      const messages = await queue.receive({ waitS: receiveWaitS, signal });
      if (messages.length > 0) await consumeMessages(dependencies, messages);
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

/** Counts and deletes the readable messages. If counting fails, it throws and deletes nothing. */
export async function consumeMessages(
  { database, queue, nowMs, log }: Pick<ConsumerDependencies, 'database' | 'queue' | 'nowMs' | 'log'>,
  messages: readonly ReceivedMessage[],
): Promise<void> {
  const readable: { event: OrderEvent; receiptHandle: string }[] = [];
  for (const { messageId, body, receiptHandle, receiveCount } of messages) {
    const event = parseOrderEvent(body);
    if (event === undefined) log.error('event_unreadable', { messageId, receiveCount });
    else readable.push({ event, receiptHandle });
  }
  if (readable.length === 0) return;
  const { done, counted, refused } = await countEvents(
    { database, nowMs },
    readable.map(({ event }) => event),
  );
  for (const { eventId, error } of refused) log.error('event_uncountable', { eventId, error });
  const settled = readable.filter(({ event }) => done.has(event.id));
  if (settled.length > 0) await queue.delete(settled.map(({ receiptHandle }) => receiptHandle));
  log.info('events_counted', { received: messages.length, counted });
}

function parseOrderEvent(body: string): OrderEvent | undefined {
  try {
    return orderEventSchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
