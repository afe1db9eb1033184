import type { OrderEvent } from '../events/order-event.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { backOffMs } from '../platform/load/back-off.ts';
import { type BatchLane, createBatchLane } from '../platform/load/batch-lane.ts';
import { pause } from '../platform/load/pause.ts';
import type {
  DeadLetter,
  EventReceiver,
  IncomingMessage,
  MessageBatch,
} from '../platform/event-transport.ts';
import { type CountedEvents, countEvents } from './count-events.ts';
import { type EventInMessage, readMessage } from './read-message.ts';

const BACK_OFF = { firstMs: 400, maxMs: 5000, leastMs: 200 };
/** Longest wait for messages of a receiver that helps while there is a backlog. */
const HELPER_WAIT_S = 1;
/** A batch that waits longer for its transaction is left to its next delivery: SQS hides it for 30 s. */
const COUNT_WAIT_MAX_MS = 15_000;

export interface ConsumerDependencies {
  readonly database: Database;
  readonly receiver: EventReceiver;
  /** Longest wait for events, in seconds. */
  readonly receiveWaitS: number;
  readonly nowMs: () => number;
  /** Measures durations. */
  readonly steadyMs: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** Called once, after the first events are counted and settled or none were found. */
  readonly onConsuming?: () => void;
}

/**
 * Receives order events and adds them to the statistics until the signal aborts. A message is settled only
 * after its events are committed. An event that cannot be parsed or counted is refused, which takes it to the
 * dead letters; it delays no others, not even those of its message. Aborting ends the wait: events that were
 * being delivered at that moment are delivered again.
 *
 * One receiver always waits. While batches arrive full, more join it, so that slow calls to the queue
 * overlap. What arrives during a transaction is counted by the next one.
 */
export async function consumeOrderEvents(
  dependencies: ConsumerDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { receiver, log, random } = dependencies;
  const { receivesInFlightMax, fullBatch } = receiver;
  const counting = createCounting(dependencies);
  const helpers = new Set<Promise<void>>();
  let isConsuming = false;

  /** Returns the number of messages. */
  const consumeOnce = async (waitS: number): Promise<number> => {
    const batch = await receiver.receive({ waitS, signal });
    const { length } = batch.messages;
    if (length >= fullBatch && helpers.size < receivesInFlightMax - 1) {
      const helper = help();
      helpers.add(helper);
      void helper.finally(() => helpers.delete(helper));
    }
    if (length > 0) await consumeBatch({ counting, log }, batch);
    if (!isConsuming) dependencies.onConsuming?.();
    isConsuming = true;
    return length;
  };

  /** Ends when nothing waits or anything fails: while the database is down, one receiver is enough to try. */
  const help = async (): Promise<void> => {
    try {
      while (!signal.aborted && (await consumeOnce(HELPER_WAIT_S)) > 0);
    } catch (error) {
      if (!signal.aborted) log.warn('event_consume_failed', { failures: 1, error });
    }
  };

  let failures = 0;
  while (!signal.aborted) {
    try {
      // SQS counts deliveries, so none should be in vain.
      if (failures > 0) await dependencies.database.probe();
      await consumeOnce(dependencies.receiveWaitS);
      failures = 0;
    } catch (error) {
      if (signal.aborted) break;
      failures += 1;
      log.warn('event_consume_failed', { failures, error });
      await pause(backOffMs(BACK_OFF, failures, random), signal);
    }
  }
  await Promise.all(helpers);
}

type Counting = BatchLane<readonly OrderEvent[], CountedEvents>;

/** One transaction at a time, for all batches that wait for it. */
function createCounting(dependencies: ConsumerDependencies): Counting {
  const { receiver, steadyMs, log } = dependencies;
  return createBatchLane({
    execute: async (batches) => {
      const events = batches.flat();
      const counted = await countEvents(dependencies, events);
      for (const [eventId, error] of counted.refused) log.error('event_uncountable', { eventId, error });
      log.info('events_counted', { received: events.length, counted: counted.counted });
      return batches.map(() => counted);
    },
    groupMax: receiver.receivesInFlightMax,
    queueMax: receiver.receivesInFlightMax,
    waitMaxMs: COUNT_WAIT_MAX_MS,
    lanes: 1,
    nowMs: steadyMs,
  });
}

/** Counts the readable events and settles the batch. If counting fails, it throws and settles nothing. */
async function consumeBatch(
  { counting, log }: { readonly counting: Counting; readonly log: Log },
  batch: MessageBatch,
): Promise<void> {
  const read = batch.messages.map((message) => ({ message, parts: readMessage(message.body) }));
  for (const { message, parts } of read) logUnreadable(log, message, parts);
  const events = read.flatMap(({ parts }) => parts.flatMap(({ event }) => event ?? []));
  const counted = events.length === 0 ? undefined : await counting.submit(events);
  const outcomes = read.map(({ message, parts }) => ({ message, letters: lettersOf(parts, counted) }));
  await batch.settle({
    done: outcomes.filter(({ letters }) => letters.length === 0).map(({ message }) => message),
    refused: outcomes.filter(({ letters }) => letters.length > 0),
  });
}

function logUnreadable(log: Log, message: IncomingMessage, parts: readonly EventInMessage[]): void {
  for (const [position, { event }] of parts.entries()) {
    if (event !== undefined) continue;
    log.error('event_unreadable', { messageId: message.id, position, receiveCount: message.attempts });
  }
}

function lettersOf(parts: readonly EventInMessage[], counted: CountedEvents | undefined): DeadLetter[] {
  return parts.flatMap(({ event, body }) => {
    if (event === undefined) return { body: body(), reason: 'unreadable' };
    return counted?.refused.has(event.id) === true ? { body: body(), reason: 'uncountable' } : [];
  });
}
