import type { SharedCounts } from '../redis/shared-counts.ts';

export interface RateLimit {
  /** In the headers of answers and in the keys of Redis. */
  readonly name: string;
  /** How often in a window, which begins with the first time. */
  readonly max: number;
  readonly windowMs: number;
}

export interface Taken {
  readonly isAllowed: boolean;
  /** How often more in this window. */
  readonly left: number;
  /** Until the window ends. */
  readonly resetMs: number;
}

/** Counts how often a party does something: a user, an address. Never throws for Redis. */
export interface RateLimiter {
  readonly limit: RateLimit;
  /**
   * Counts once, here and at once: 0.2 µs and no round trip. Processes tell each other through
   * Redis, after the answer, each time that a tenth of the limit has come together. So a fleet of n processes lets
   * through at most n tenths more than the limit, and who stays far below it never causes a command to Redis.
   */
  take(party: string): Taken;
  /**
   * Where a party stands that can do no more in this window, as far as this process knows; counts nothing. The party is
   * asked for only while there is any such one: 30 ns otherwise.
   */
  findSpent(party: () => string | undefined): Taken | undefined;
  /** Counts once in Redis, for all processes exactly, in one round trip; in this process while Redis is away. */
  takeExactly(party: string): Promise<Taken>;
  /** Takes back what `takeExactly` has counted. */
  giveBack(party: string): Promise<void>;
  /** As if the party had never been counted. */
  forget(party: string): Promise<void>;
}

/** Parties that one process remembers; the one seen first is forgotten for one more, and begins anew. */
const PARTIES_MAX = 50_000;
const SHARES = 10;

interface Window {
  count: number;
  /** Counted here and not told to the others yet. */
  untold: number;
  isTelling: boolean;
  endsAtMs: number;
}

/**
 * Ours and not `rate-limiter-flexible` (11.4.0, alive, no dependencies), whose counters in Redis are the same: its
 * `consume` is a round trip for every request, and in the process (3 µs) a promise, an exception as the way to say no and a
 * timer for every party, of which there may be any number.
 */
export function rateLimiter(
  limit: RateLimit,
  { counts, nowMs }: { counts: SharedCounts; nowMs: () => number },
): RateLimiter {
  const { name, max, windowMs } = limit;
  const tellAt = Math.max(1, Math.floor(max / SHARES));
  // In order of insertion, so the first key is the oldest.
  const windows = new Map<string, Window>();
  // The latest end of a window in which a party has reached the limit.
  let spentUntilMs = 0;
  const keyOf = (party: string) => `rate:${name}:${party}`;

  const windowOf = (party: string, now: number): Window => {
    const known = windows.get(party);
    if (known !== undefined && known.endsAtMs > now) return known;
    windows.delete(party);
    const fresh = { count: 0, untold: 0, isTelling: false, endsAtMs: now + windowMs };
    windows.set(party, fresh);
    if (windows.size > PARTIES_MAX) windows.delete(windows.keys().next().value as string);
    return fresh;
  };

  const tell = async (party: string, window: Window): Promise<void> => {
    const amount = window.untold;
    window.untold = 0;
    window.isTelling = true;
    const shared = await counts.add(keyOf(party), amount, windowMs);
    window.isTelling = false;
    if (shared === undefined) {
      window.untold += amount;
      return;
    }
    window.count = shared.count + window.untold;
    window.endsAtMs = nowMs() + shared.leftMs;
  };

  const answer = (isAllowed: boolean, window: Window, now: number): Taken => {
    if (window.count >= max && window.endsAtMs > spentUntilMs) spentUntilMs = window.endsAtMs;
    return { isAllowed, left: Math.max(0, max - window.count), resetMs: window.endsAtMs - now };
  };

  return {
    limit,
    take: (party) => {
      const now = nowMs();
      const window = windowOf(party, now);
      if (window.count >= max) return answer(false, window, now);
      window.count += 1;
      window.untold += 1;
      if (window.untold >= tellAt && !window.isTelling) void tell(party, window);
      return answer(true, window, now);
    },
    findSpent: (partyOf) => {
      const now = nowMs();
      if (now >= spentUntilMs) return undefined;
      const party = partyOf();
      const window = party === undefined ? undefined : windows.get(party);
      if (window === undefined || window.endsAtMs <= now || window.count < max) return undefined;
      return answer(false, window, now);
    },
    takeExactly: async (party) => {
      const shared = await counts.add(keyOf(party), 1, windowMs);
      const now = nowMs();
      const window = windowOf(party, now);
      if (shared === undefined) {
        window.count += 1;
      } else {
        window.count = shared.count;
        window.endsAtMs = now + shared.leftMs;
      }
      return answer(window.count <= max, window, now);
    },
    giveBack: async (party) => {
      const window = windows.get(party);
      if (window !== undefined && window.count > 0) window.count -= 1;
      await counts.add(keyOf(party), -1, windowMs);
    },
    forget: async (party) => {
      windows.delete(party);
      await counts.remove(keyOf(party));
    },
  };
}
