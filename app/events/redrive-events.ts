import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { EventTransport } from '../platform/event-transport.ts';
import { pause } from '../platform/load/pause.ts';
import { createSemaphore } from '../platform/load/semaphore.ts';
import { createSingleFlight } from '../platform/load/single-flight.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { OperationalError } from '../platform/operational-error.ts';
import type { QueueSection } from './queue-section.ts';

/** Dead letters that one request sends back at most. */
export const REDRIVE_MAX = 1000;
/** Joining a group of Kafka takes seconds, and a request ends after eight. */
const ANSWER_AFTER_MS = 6000;
/** Operators who send single letters back wait for each other: readers of Kafka share one group. */
const WAITING_MAX = 10;
const WAIT_MAX_MS = 1000;

export interface RedriveDependencies {
  readonly database: Database;
  readonly events: Pick<EventTransport, 'redrive' | 'redriveOne'>;
  readonly queue: QueueSection;
  readonly log: Log;
}

export type RedriveResult =
  | { readonly code: 'finished'; readonly moved: number }
  /** It continues in this process. The log line `events_redriven` will say how many. */
  | { readonly code: 'running' };

export interface Redrive {
  /** Sends up to 1,000 dead letters back. Concurrent calls share one run. */
  all(actor: Actor): Promise<RedriveResult>;
  /** Sends the dead letter with this id back. */
  one(actor: Actor, letterId: string): Promise<RedriveResult | { readonly code: 'dead_letter_not_found' }>;
}

/**
 * The trail has each request before a letter moves, because moving cannot be part of a transaction. Methods
 * throw OperationalError if the transport or the database does not respond.
 */
export function createRedrive({ database, events, queue, log }: RedriveDependencies): Redrive {
  const record = (actor: Actor, after: object) =>
    database.withTransaction({ name: 'record_redrive', rerunnable: false }, (tx) =>
      recordAction(tx, actor, {
        action: 'events_redriven',
        target: { kind: 'events', id: undefined },
        after,
      }),
    );
  const carryOut = async (move: () => Promise<number>): Promise<number> => {
    try {
      const moved = await move();
      log.info('events_redriven', { moved });
      return moved;
    } catch (error) {
      throw new OperationalError('dependency_unavailable', 'the dead letters were not sent back', {
        cause: error,
      });
    } finally {
      queue.forget();
    }
  };
  /** Undefined if it takes longer than a request may. */
  const finishSoon = async (running: Promise<number>): Promise<number | undefined> => {
    running.catch((error: unknown) => log.warn('events_not_redriven', { error }));
    const enough = new AbortController();
    try {
      return (await Promise.race([running, pause(ANSWER_AFTER_MS, enough.signal)])) ?? undefined;
    } finally {
      enough.abort();
    }
  };

  const run = createSingleFlight(() => carryOut(() => events.redrive(REDRIVE_MAX)));
  const turns = createSemaphore({ permitsMax: 1, waitingMax: WAITING_MAX });
  const moveOne = async (actor: Actor, letterId: string): Promise<number> => {
    try {
      return await carryOut(async () => {
        const isMoved = await events.redriveOne(letterId, () => record(actor, { letter: letterId }));
        return isMoved ? 1 : 0;
      });
    } finally {
      turns.release();
    }
  };
  return {
    async all(actor) {
      await record(actor, { max: REDRIVE_MAX });
      const moved = await finishSoon(run.run());
      return moved === undefined ? { code: 'running' } : { code: 'finished', moved };
    },
    async one(actor, letterId) {
      if (!(await turns.acquire(WAIT_MAX_MS))) {
        throw new OperationalError('busy_retry', 'other dead letters are being sent back');
      }
      const moved = await finishSoon(moveOne(actor, letterId));
      if (moved === undefined) return { code: 'running' };
      return moved === 0 ? { code: 'dead_letter_not_found' } : { code: 'finished', moved };
    },
  };
}
