import { createSingleFlight } from '../load/single-flight.ts';
import type { Transaction } from './transaction.ts';

/** Write a beat and read the replica this often while pages are read. */
const BEAT_EVERY_MS = 3000;
/** A beat that takes longer to arrive means that the replica lags too far behind or has stopped. */
const ARRIVAL_MAX_MS = 15_000;
/** An older verdict counts for nothing. */
const VERDICT_MAX_MS = 15_000;
/** Beats that have not arrived yet. Beyond it no further beat is written. */
const UNDER_WAY_MAX = 20;

export interface ReplicaHeartbeatOptions {
  /** Raises the beat on the writer and returns it. */
  readonly beat: () => Promise<number>;
  /** Returns the last beat that the replica has. */
  readonly arrived: () => Promise<number>;
  readonly nowMs: () => number;
  readonly onChange: (isFresh: boolean) => void;
}

export const SELECT_BEAT = 'SELECT beat FROM replica_heartbeat WHERE id = 1';

/** Raises the beat by one and returns it. */
export async function raiseBeat(tx: Transaction): Promise<number> {
  await tx.write(
    'INSERT INTO replica_heartbeat (id, beat) VALUES (1, 1) ON DUPLICATE KEY UPDATE beat = beat + 1',
  );
  const [row] = await tx.read<{ beat: number }>(SELECT_BEAT);
  return row?.beat ?? 0;
}

/**
 * Returns a function that says whether the replica may be read: true while beats written to the writer arrive
 * there within 15 s. A replica whose replication has stopped still answers every query, so only a beat
 * detects it.
 *
 * Beats are numbers, and this process measures their age, so no clocks are compared. While the writer or the
 * replica does not respond, the last verdict stays. The function never waits: beats run beside it, only while
 * it is called.
 */
export function createReplicaHeartbeat(options: ReplicaHeartbeatOptions): () => boolean {
  const { beat, arrived, nowMs, onChange } = options;
  let underWay: { readonly beat: number; readonly sinceMs: number }[] = [];
  let isFresh = true;
  let nextMs = 0;
  let judgedMs: number | undefined;

  const judging = createSingleFlight(async () => {
    if (underWay.length < UNDER_WAY_MAX) underWay.push({ beat: await beat(), sinceMs: nowMs() });
    const last = await arrived();
    underWay = underWay.filter((one) => one.beat > last);
    const [oldest] = underWay;
    const was = isFresh;
    isFresh = oldest === undefined || nowMs() - oldest.sinceMs < ARRIVAL_MAX_MS;
    judgedMs = nowMs();
    if (isFresh !== was) onChange(isFresh);
  });

  return () => {
    const now = nowMs();
    if (judging.running() === undefined && now >= nextMs) {
      nextMs = now + BEAT_EVERY_MS;
      judging.run().catch(() => undefined);
    }
    // After a quiet time the first readers go to the writer until the replica has been judged again.
    const isKnown = judgedMs === undefined || now - judgedMs < VERDICT_MAX_MS;
    return isFresh && isKnown;
  };
}
