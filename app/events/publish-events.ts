import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import type { EventSender } from '../platform/event-transport.ts';
import { deleteOutboxEvents, type OutboxEvent } from './outbox-sql.ts';
import { outgoingEvent } from './outgoing-event.ts';

/** Maximum events in memory. Others stay in the outbox; the relay sends them after the grace period. */
const WAITING_MAX = 20_000;
const DELETE_MAX = 500;
/**
 * Acknowledged rows are deleted together, this long after the first of them. Every DELETE is a transaction
 * with its own flush; without this delay there were as many as groups of orders.
 */
const DELETE_AFTER_MS = 100;
/**
 * After a batch has left, later events wait this long to share the next one, unless they fill it earlier. A
 * call per commit instead would cost more CPU than the orders.
 */
const LINGER_MS = 50;

export interface PublisherDependencies {
  readonly database: Database;
  readonly sender: EventSender;
  /** After this long an event belongs to the relay: if it still waits here, this process does not send it. */
  readonly graceMs: number;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface Publisher {
  /** Receives events whose transaction has committed. Never throws and never blocks. */
  publish(events: readonly OutboxEvent[]): void;
  /** Number of events not yet handed to the queue. */
  waiting(): number;
  /** Resolves when nothing is in progress. Events that could not be sent are in the outbox. */
  idle(): Promise<void>;
}

/**
 * Sends events from memory right after their commit and deletes their outbox rows once the queue has
 * acknowledged them. This is the fast path, not the safe one: the relay sends whatever fails here once its
 * grace period is over. Events that a call did not acknowledge beside others are tried once more.
 */
export function createEventPublisher(dependencies: PublisherDependencies): Publisher {
  const { database, sender, graceMs, nowMs, log } = dependencies;
  const { batchMax, sendsInFlightMax } = sender;
  const waiting: { readonly event: OutboxEvent; readonly untilMs: number }[] = [];
  const acknowledged: string[] = [];
  let sending = 0;
  let deleting = false;
  let deleteSoon: NodeJS.Timeout | undefined;
  let lingering: NodeJS.Timeout | undefined;
  let whenIdle: (() => void)[] = [];

  const settle = (): void => {
    if (sending > 0 || deleting || waiting.length > 0 || acknowledged.length > 0) return;
    for (const resolve of whenIdle) resolve();
    whenIdle = [];
  };

  const leaveLateOnes = (): void => {
    const now = nowMs();
    const late = waiting.findIndex(({ untilMs }) => untilMs > now);
    const left = waiting.splice(0, late === -1 ? waiting.length : late);
    if (left.length > 0) log.warn('publisher_late', { left: left.length });
  };

  /** Sends full batches, and a partial one unless another has just left or the process drains. */
  const pump = (): void => {
    leaveLateOnes();
    const lingers = () => lingering !== undefined && whenIdle.length === 0;
    while (sending < sendsInFlightMax && waiting.length >= (lingers() ? batchMax : 1)) {
      sending += 1;
      lingering ??= setTimeout(endLinger, LINGER_MS);
      const batch = waiting.splice(0, batchMax).map(({ event }) => event);
      void sendBatch(dependencies, batch, acknowledged).finally(() => {
        sending -= 1;
        pump();
        scheduleDelete();
      });
    }
    settle();
  };

  const endLinger = (): void => {
    lingering = undefined;
    pump();
  };

  const scheduleDelete = (): void => {
    if (deleting || acknowledged.length === 0) return;
    if (acknowledged.length >= DELETE_MAX || whenIdle.length > 0) void removeAcknowledged();
    else deleteSoon ??= setTimeout(() => void removeAcknowledged(), DELETE_AFTER_MS);
  };

  /** Runs one DELETE at a time: rows acknowledged meanwhile wait for the next one. */
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
      // The relay will send these events again, and the consumer's inbox will recognise them.
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
        pump();
      }),
  };
}

type Sending = Pick<PublisherDependencies, 'sender' | 'log'>;

/** Adds the ids that the queue has acknowledged to `acknowledged`. Never rejects. */
async function sendBatch(
  dependencies: Sending,
  batch: readonly OutboxEvent[],
  acknowledged: string[],
): Promise<void> {
  const done = await trySend(dependencies, batch);
  acknowledged.push(...done);
  if (done.size === 0 || done.size === batch.length) return;
  const others = batch.filter(({ eventId }) => !done.has(eventId));
  acknowledged.push(...(await trySend(dependencies, others)));
}

async function trySend(
  { sender, log }: Sending,
  batch: readonly OutboxEvent[],
): Promise<ReadonlySet<string>> {
  try {
    return await sender.send(batch.map(outgoingEvent));
  } catch (error) {
    log.warn('event_send_failed', { events: batch.length, error });
    return new Set();
  }
}
