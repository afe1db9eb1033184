import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { SQS_BATCH_MAX, type QueueMessage } from '../platform/aws/sqs.ts';
import { deleteOutboxEvents, type OutboxEvent } from './outbox-sql.ts';

/** 10 to 20 calls in flight reach the rate of the orders at 15 ms a call. */
const SENDS_IN_FLIGHT_MAX = 16;
/** Events in memory. What does not fit stays in the outbox, where the relay finds it after the grace. */
const WAITING_MAX = 20_000;
const DELETE_MAX = 500;
/**
 * Acknowledged rows are deleted together this long after the first of them. Each DELETE is a transaction with a flush of
 * its own: at once they were as many as the groups of orders.
 */
const DELETE_AFTER_MS = 100;

export interface PublisherDependencies {
  readonly database: Database;
  /** Sends up to ten messages and returns the ids that were acknowledged; throws when the call fails. */
  readonly send: (messages: readonly QueueMessage[]) => Promise<ReadonlySet<string>>;
  /** After this long an event is the relay's: what still waits here then is not sent from here as well. */
  readonly graceMs: number;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface Publisher {
  /** Takes events whose transaction has committed. Never throws and never waits. */
  publish(events: readonly OutboxEvent[]): void;
  /** Events that have not been handed to the queue yet. */
  waiting(): number;
  /** Resolves when nothing is under way; what could not be sent is in the outbox. */
  idle(): Promise<void>;
}

/**
 * Sends events from memory right after their commit and removes their outbox rows once the queue has
 * acknowledged them. It is the fast way and not the safe one: whatever fails here is left to the relay, which
 * takes over each row when its grace has run out. An entry that a batch call refused is tried once more alone.
 */
export function eventPublisher(dependencies: PublisherDependencies): Publisher {
  const { database, send, graceMs, nowMs, log } = dependencies;
  const waiting: { readonly event: OutboxEvent; readonly untilMs: number }[] = [];
  const acknowledged: string[] = [];
  let sending = 0;
  let deleting = false;
  let deleteSoon: NodeJS.Timeout | undefined;
  let whenIdle: (() => void)[] = [];

  const settle = (): void => {
    if (sending > 0 || deleting || waiting.length > 0 || acknowledged.length > 0) return;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  };

  const sendBatch = async (batch: readonly OutboxEvent[]): Promise<void> => {
    const done = await trySend(batch);
    acknowledged.push(...done);
    if (done.size > 0 && done.size < batch.length) {
      for (const event of batch) {
        if (!done.has(event.eventId)) acknowledged.push(...(await trySend([event])));
      }
    }
  };

  const trySend = async (batch: readonly OutboxEvent[]): Promise<ReadonlySet<string>> => {
    try {
      return await send(batch.map(({ eventId, payload }) => ({ id: eventId, body: payload })));
    } catch (error) {
      log.warn('event_send_failed', { events: batch.length, error });
      return new Set();
    }
  };

  const leaveLateOnes = (): void => {
    const now = nowMs();
    const late = waiting.findIndex(({ untilMs }) => untilMs > now);
    const left = waiting.splice(0, late === -1 ? waiting.length : late);
    if (left.length > 0) log.warn('publisher_late', { left: left.length });
  };

  /** A batch that is not full goes out only while nothing else is under way: what is committed meanwhile fills it. */
  const pump = (): void => {
    leaveLateOnes();
    while (sending < SENDS_IN_FLIGHT_MAX && waiting.length >= (sending === 0 ? 1 : SQS_BATCH_MAX)) {
      sending += 1;
      void sendBatch(waiting.splice(0, SQS_BATCH_MAX).map(({ event }) => event)).finally(() => {
        sending -= 1;
        pump();
        scheduleDelete();
      });
    }
    settle();
  };

  const scheduleDelete = (): void => {
    if (deleting || acknowledged.length === 0) return;
    if (acknowledged.length >= DELETE_MAX || whenIdle.length > 0) void removeAcknowledged();
    else deleteSoon ??= setTimeout(() => void removeAcknowledged(), DELETE_AFTER_MS);
  };

  /** One DELETE at a time: those that are acknowledged meanwhile wait for the next one. */
  const removeAcknowledged = async (): Promise<void> => {
    clearTimeout(deleteSoon);
    deleteSoon = undefined;
    deleting = true;
    const ids = acknowledged.splice(0, DELETE_MAX);
    try {
      await database.withTransaction({ name: 'delete_published', rerunnable: true }, (tx) =>
        deleteOutboxEvents(tx, ids),
      );
    } catch (error) {
      // The relay sends them once more; the consumer's inbox knows them then.
      log.warn('event_delete_failed', { events: ids.length, error });
    }
    deleting = false;
    scheduleDelete();
    settle();
  };

  return {
    publish: (events) => {
      const room = WAITING_MAX - waiting.length;
      if (events.length > room) log.warn('publisher_full', { left: events.length - room });
      const untilMs = nowMs() + graceMs;
      for (const event of events.slice(0, Math.max(0, room))) waiting.push({ event, untilMs });
      pump();
    },
    waiting: () => waiting.length,
    idle: () =>
      new Promise((resolve) => {
        whenIdle.push(resolve);
        scheduleDelete();
        settle();
      }),
  };
}
