/** A new beat, and a look at the replica, this often while pages are read. */
const BEAT_EVERY_MS = 3000;
/** A beat that takes longer to arrive means that the replica lags too far behind or has stopped. */
const ARRIVAL_MAX_MS = 15_000;
/** What was found out longer ago says nothing. */
const VERDICT_MAX_MS = 15_000;
/** Beats on their way; later ones wait for these. */
const UNDER_WAY_MAX = 20;

export interface ReplicaHeartbeatOptions {
  /** Raises the beat on the writer and returns it. */
  readonly beat: () => Promise<number>;
  /** The last beat that the replica has. */
  readonly arrived: () => Promise<number>;
  readonly nowMs: () => number;
  readonly onChange: (isFresh: boolean) => void;
}

/**
 * Whether the replica may be read: true while beats written to the writer arrive there within 15 s. A replica whose
 * replication has stopped answers every query, and only this tells. Beats are numbers and their age is this process's own
 * measure, so no clocks are compared. While the writer or the replica does not answer, nothing is learnt and the last
 * verdict stays. Asked on each read; the beats go on beside it, and only while somebody asks.
 */
export function createReplicaHeartbeat({
  beat,
  arrived,
  nowMs,
  onChange,
}: ReplicaHeartbeatOptions): () => boolean {
  let underWay: { readonly beat: number; readonly sinceMs: number }[] = [];
  let isFresh = true;
  let nextMs = 0;
  let judgedMs: number | undefined;
  let isLooking = false;

  async function look(): Promise<void> {
    if (underWay.length < UNDER_WAY_MAX) underWay.push({ beat: await beat(), sinceMs: nowMs() });
    const last = await arrived();
    underWay = underWay.filter((one) => one.beat > last);
    const [oldest] = underWay;
    const was = isFresh;
    isFresh = oldest === undefined || nowMs() - oldest.sinceMs < ARRIVAL_MAX_MS;
    judgedMs = nowMs();
    if (isFresh !== was) onChange(isFresh);
  }

  return () => {
    const now = nowMs();
    if (!isLooking && now >= nextMs) {
      isLooking = true;
      nextMs = now + BEAT_EVERY_MS;
      look()
        .catch(() => undefined)
        .finally(() => {
          isLooking = false;
        });
    }
    // After a quiet time the first readers go to the writer until somebody has looked.
    const isKnown = judgedMs === undefined || now - judgedMs < VERDICT_MAX_MS;
    return isFresh && isKnown;
  };
}
