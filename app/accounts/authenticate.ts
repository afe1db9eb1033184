import type { Caller } from '../http/contract/route.ts';
import { createBatchLane } from '../platform/load/batch-lane.ts';
import type { Database } from '../platform/mysql/database.ts';
import { type Session, type Sessions, sessionIdOf } from './sessions.ts';
import { findUserStandings, type UserStanding } from './user-sql.ts';

/**
 * Maximum age of a customer's cached role and session epoch. Caching makes a request cost one Redis command
 * and no SQL. An admin's are read for each request: admins are few, and losing the role or the account must
 * take effect at once.
 */
const USER_TTL_MS = 30_000;
const USERS_KEPT_MAX = 50_000;
/** Sessions that were valid when created or last looked up: 8 MB at most. */
const SESSIONS_KEPT_MAX = 50_000;
/** Users who arrive together share one SELECT. One each cost 43 µs per request of an uncached user. */
const LOOKUP_GROUP_MAX = 256;
const LOOKUP_QUEUE_MAX = 10_000;
const LOOKUP_WAIT_MAX_MS = 2000;

interface Known extends UserStanding {
  readonly untilMs: number;
}

export interface Authentication {
  /**
   * Finds the caller of a session token. MySQL decides: a session of an older epoch is invalid even if Redis
   * still holds it. Throws OperationalError if Redis is unavailable or, for an admin or an uncached user,
   * MySQL.
   */
  authenticate(token: string): Promise<Caller | undefined>;
  /** True if this process has accepted the token and not found it invalid since. Queries no server. */
  hasOpened(token: string): boolean;
  /**
   * Marks the token of a session just created in this process as accepted. Users who log in at an address
   * from which others guess tokens are then let in (http/access/rate-guard.ts).
   *
   * Other processes do not know the token and reject it at that address until the window ends. Letting each
   * process look up some unknown tokens would not help: the guesser would use up that number first.
   * Announcing every log-in would cost a message to all processes for a rare case.
   */
  rememberOpened(token: string): void;
  /** Makes this process query MySQL at the user's next request. */
  forget(userId: string): void;
}

export function createAuthentication(dependencies: {
  database: Database;
  sessions: Sessions;
  /** Monotonic clock: setting the system clock must not prolong a cached user's life. */
  steadyMs: () => number;
}): Authentication {
  const { database, sessions, steadyMs } = dependencies;
  // Maps keep insertion order, so the first key is the oldest.
  const known = new Map<string, Known>();
  const opened = new Set<string>();
  // Raised by `forget`: a query sent before may return the state that `forget` was meant to drop.
  let forgotten = 0;
  const lookup = createBatchLane<string, UserStanding | undefined>({
    execute: async (userIds) => {
      const standings = await findUserStandings(database, [...new Set(userIds)]);
      return userIds.map((userId) => standings.get(userId));
    },
    groupMax: LOOKUP_GROUP_MAX,
    queueMax: LOOKUP_QUEUE_MAX,
    waitMaxMs: LOOKUP_WAIT_MAX_MS,
    lanes: 1,
    nowMs: steadyMs,
  });

  const findKnown = async ({ userId, epoch }: Session): Promise<Known | undefined> => {
    const cached = known.get(userId);
    // A session newer than the cached epoch: the user has logged out everywhere and logged in again.
    if (cached !== undefined && cached.untilMs > steadyMs() && cached.sessionEpoch >= epoch) return cached;
    const forgottenBefore = forgotten;
    const user = await lookup.submit(userId);
    known.delete(userId);
    if (user === undefined || user.disabledAt !== undefined) return undefined;
    const fresh = { ...user, untilMs: steadyMs() + USER_TTL_MS };
    if (forgotten !== forgottenBefore || user.role === 'admin') return fresh;
    known.set(userId, fresh);
    if (known.size > USERS_KEPT_MAX) known.delete(known.keys().next().value as string);
    return fresh;
  };

  const addOpened = (sessionId: string): void => {
    if (opened.has(sessionId)) return;
    opened.add(sessionId);
    if (opened.size > SESSIONS_KEPT_MAX) opened.delete(opened.keys().next().value as string);
  };

  return {
    authenticate: async (token) => {
      const sessionId = sessionIdOf(token);
      const session = await sessions.find(sessionId);
      const user = session && (await findKnown(session));
      const isValid =
        session !== undefined &&
        user?.sessionEpoch === session.epoch &&
        (await sessions.keepAlive(sessionId, session, user.role));
      if (!isValid) {
        opened.delete(sessionId);
        return undefined;
      }
      addOpened(sessionId);
      return { userId: session.userId, role: user.role, adminRole: user.adminRole, sessionId };
    },
    hasOpened: (token) => opened.has(sessionIdOf(token)),
    rememberOpened: (token) => addOpened(sessionIdOf(token)),
    forget: (userId) => {
      forgotten += 1;
      known.delete(userId);
    },
  };
}
