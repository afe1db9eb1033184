import { recordAction } from '../operators/action-sql.ts';
import type { Actor } from '../operators/admin-action.ts';
import type { EventTransport } from '../platform/event-transport.ts';
import { createSingleFlight } from '../platform/load/single-flight.ts';
import { pause } from '../platform/load/pause.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { OperationalError } from '../platform/operational-error.ts';
import type { QueueSection } from './queue-section.ts';

/** Dead letters that one request sends back at most. */
export const REDRIVE_MAX = 1000;
/** Joining a group of Kafka takes seconds, and a request ends after eight. */
const ANSWER_AFTER_MS = 5000;

export interface RedriveDependencies {
  readonly database: Database;
  readonly events: Pick<EventTransport, 'redrive'>;
  readonly queue: QueueSection;
  readonly log: Log;
}

export type RedriveResult =
  | { readonly code: 'finished'; readonly moved: number }
  /** It goes on in this process. The log line `events_redriven` will say how many. */
  | { readonly code: 'running' };

/**
 * Returns a function that sends up to 1,000 dead letters back. Concurrent calls share one run. The trail has
 * the request before the first letter moves, because moving cannot be part of a transaction. Throws
 * OperationalError if the transport or the database does not respond.
 */
export function createRedrive({ database, events, queue, log }: RedriveDependencies) {
  const run = createSingleFlight(async () => {
    try {
      const moved = await events.redrive(REDRIVE_MAX);
      log.info('events_redriven', { moved });
      return moved;
    } catch (error) {
      throw new OperationalError('dependency_unavailable', 'the dead letters were not sent back', {
        cause: error,
      });
    } finally {
      queue.forget();
    }
  });
  return async (actor: Actor): Promise<RedriveResult> => {
    await database.withTransaction({ name: 'record_redrive', rerunnable: false }, (tx) =>
      recordAction(tx, actor, {
        action: 'events_redriven',
        target: { kind: 'events', id: undefined },
        after: { max: REDRIVE_MAX },
      }),
    );
    const running = run.run();
    running.catch((error: unknown) => log.warn('events_not_redriven', { error }));
    const enough = new AbortController();
    try {
      const moved = await Promise.race([running, pause(ANSWER_AFTER_MS, enough.signal)]);
      return moved === undefined ? { code: 'running' } : { code: 'finished', moved };
    } finally {
      enough.abort();
    }
  };
}
