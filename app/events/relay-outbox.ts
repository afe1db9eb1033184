import { chunksOf } from '../platform/mysql/chunks-of.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { Log } from '../platform/observe/log.ts';
import { backOffMaxMs, backOffMs } from '../platform/load/back-off.ts';
import { pause } from '../platform/load/pause.ts';
import type { EventSender } from '../platform/event-transport.ts';
import { claimOutboxEvents, deleteOutboxEvents, releaseOutboxEvents } from './outbox-sql.ts';
import { outgoingEvent } from './outgoing-event.ts';

/** Rounds of sends per claim. Two rounds, at most two tries of 4 s each, fit well into the 30 s lease. */
const ROUNDS_PER_CLAIM = 2;
/** Most events per claim: MariaDB no longer uses the index for an IN list of more than 1,000 ids. */
const CLAIM_MAX = 768;
/** Concurrent claims while there is a backlog: one uses the database while another waits for the queue. */
const LANES = 3;
/** Applies to a lane after a failure and to an event that was not acknowledged. */
const BACK_OFF = { firstMs: 400, maxMs: 10_000 };

export interface RelayDependencies {
  readonly database: Database;
  readonly sender: EventSender;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Sends events from the outbox to the queue until the signal aborts. An event is deleted from the outbox only
 * after the queue has acknowledged it. It may be sent twice (if the process ends in between) and is never
 * lost. Any number of relays may run at once.
 */
export async function relayOutbox(dependencies: RelayDependencies, signal: AbortSignal): Promise<void> {
  const backlog = { isThere: false };
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) => runLane(dependencies, { lane, backlog, signal })),
  );
}

/** The first lane always polls; the others run only while it finds more events than fit into one claim. */
async function runLane(
  dependencies: RelayDependencies,
  { lane, backlog, signal }: { lane: number; backlog: { isThere: boolean }; signal: AbortSignal },
): Promise<void> {
  const { sender, log, pollMs, random } = dependencies;
  let failures = 0;
  while (!signal.aborted) {
    if (lane > 0 && !backlog.isThere) {
      await pause(pollMs, signal);
      continue;
    }
    try {
      const { claimed, acknowledged } = await relayOnce(dependencies);
      if (claimed > 0) log.info('outbox_relayed', { claimed, acknowledged });
      failures = acknowledged < claimed ? failures + 1 : 0;
      backlog.isThere = claimed === claimMaxOf(sender) && failures === 0;
      if (backlog.isThere) continue;
    } catch (error) {
      failures += 1;
      log.warn('outbox_relay_failed', { failures, error });
    }
    await pause(pollMs + backOffMs(BACK_OFF, failures, random), signal);
  }
}

/** Events per claim: full rounds of full batches, up to the limit. */
function claimMaxOf({ batchMax, sendsInFlightMax }: EventSender): number {
  return Math.min(CLAIM_MAX, ROUNDS_PER_CLAIM * sendsInFlightMax * batchMax);
}

/** Makes one claim, sends its events and deletes the acknowledged ones. */
export async function relayOnce({
  database,
  sender,
  leaseMs,
  log,
}: RelayDependencies): Promise<{ claimed: number; acknowledged: number }> {
  const events = await database.withTransaction({ name: 'claim_outbox', rerunnable: true }, (tx) =>
    claimOutboxEvents(tx, { limit: claimMaxOf(sender), leaseMs }),
  );
  if (events.length === 0) return { claimed: 0, acknowledged: 0 };

  const batches = chunksOf(events, sender.batchMax);
  const acknowledged = new Set<string>();
  const sendNext = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      try {
        for (const id of await sender.send(batch.map(outgoingEvent))) acknowledged.add(id);
      } catch (error) {
        log.warn('event_send_failed', { events: batch.length, error });
      }
    }
  };
  await Promise.all(Array.from({ length: sender.sendsInFlightMax }, sendNext));

  const refused = events.filter(({ eventId }) => !acknowledged.has(eventId));
  const attemptsMax = Math.max(0, ...refused.map(({ attempts }) => attempts));
  await database.withTransaction({ name: 'settle_outbox', rerunnable: true }, async (tx) => {
    await deleteOutboxEvents(tx, [...acknowledged]);
    await releaseOutboxEvents(
      tx,
      refused.map(({ eventId }) => eventId),
      backOffMaxMs(BACK_OFF, attemptsMax),
    );
  });
  return { claimed: events.length, acknowledged: acknowledged.size };
}
