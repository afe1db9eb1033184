import type { Caller } from '../http/contract/route.ts';
import { createBatchLane } from '../platform/load/batch-lane.ts';
import type { Database } from '../platform/mysql/database.ts';
import { type Session, type Sessions, sessionIdOf } from './sessions.ts';
import { findUserStandings, type UserStanding } from './user-sql.ts';

/**
 * A customer's role and session epoch may be this old, so that a request costs one Redis command and no SQL. An admin's are read
 * for each request: admins are few, and losing the role or the account must take effect at once.
 */
const USER_TTL_MS = 30_000;
const USERS_KEPT_MAX = 50_000;
/** Names of sessions that were good when they were made or last looked up: 8 MB at most. */
const SESSIONS_KEPT_MAX = 50_000;
/** Users who come at the same time share one SELECT; one for each took 43 µs of every request of a new face. */
const LOOKUP_GROUP_MAX = 256;
const LOOKUP_QUEUE_MAX = 5000;
const LOOKUP_WAIT_MAX_MS = 2000;

interface Known extends UserStanding {
  readonly untilMs: number;
}

export interface Authentication {
  /**
   * Finds the caller of a session token. MySQL has the last word: a session of an older epoch is void although
   * Redis still holds it. Throws OperationalError when Redis or, for an admin or a user not seen lately, MySQL is away.
   */
  authenticate(token: string): Promise<Caller | undefined>;
  /** Whether the token has opened a session in this process and was not found void since. Asks nobody. */
  hasOpened(token: string): boolean;
  /**
   * Takes the token of a session that has just been made here for one that has opened it: whoever logs in at an address from
   * which others guess tokens (http/access/rate-guard.ts) gets in. The other processes do not know it and refuse it there until the
   * window ends. A number of unseen tokens that each would look up all the same would not help, as whoever guesses is
   * quicker to use it up; to tell the others of every log-in would be a message to all of them for what is rare.
   */
  rememberOpened(token: string): void;
  /** Asks MySQL again at the user's next request, in this process. */
  forget(userId: string): void;
}

export function createAuthentication(dependencies: {
  database: Database;
  sessions: Sessions;
  /** Goes on evenly whatever is done to the clock: what was remembered of a user must not last longer. */
  steadyMs: () => number;
}): Authentication {
  const { database, sessions, steadyMs } = dependencies;
  // In order of insertion, so the first key is the oldest.
  const known = new Map<string, Known>();
  const opened = new Set<string>();
  // Raised by `forget`: what was asked before it may be older than what made it necessary.
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
    // A session of a newer epoch than the one that is known here: the user has logged out everywhere and in again.
    if (cached !== undefined && cached.untilMs > steadyMs() && cached.sessionEpoch >= epoch) return cached;
    const forgottenBefore = forgotten;
    const user = await lookup.submit(userId);
    known.delete(userId);
    if (user === undefined) return undefined;
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
      return { userId: session.userId, role: user.role, sessionId };
    },
    hasOpened: (token) => opened.has(sessionIdOf(token)),
    rememberOpened: (token) => addOpened(sessionIdOf(token)),
    forget: (userId) => {
      forgotten += 1;
      known.delete(userId);
    },
  };
}
