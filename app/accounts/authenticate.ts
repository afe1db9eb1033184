import type { Caller } from '../http/route.ts';
import type { Database } from '../platform/database.ts';
import { type Sessions, sessionIdOf } from './sessions.ts';
import { findUserById } from './user-sql.ts';

/** Role and session epoch may be this old, so that a request costs one Redis command and no SQL. */
const USER_TTL_MS = 30_000;
const USERS_KEPT_MAX = 50_000;

interface Known {
  readonly role: Caller['role'];
  readonly epoch: number;
  readonly untilMs: number;
}

/**
 * Finds the caller of a session token. MySQL has the last word: a session of an older epoch is void although
 * Redis still holds it. Throws OperationalError when Redis or, for a user not seen lately, MySQL is away.
 */
export function createAuthenticate(dependencies: {
  database: Database;
  sessions: Sessions;
  nowMs: () => number;
}): (token: string) => Promise<Caller | undefined> {
  const { database, sessions, nowMs } = dependencies;
  // In order of insertion, so the first key is the oldest.
  const known = new Map<string, Known>();

  const findKnown = async (userId: string): Promise<Known | undefined> => {
    const cached = known.get(userId);
    if (cached !== undefined && cached.untilMs > nowMs()) return cached;
    const user = await findUserById(database, userId);
    known.delete(userId);
    if (user === undefined) return undefined;
    const fresh = { role: user.role, epoch: user.sessionEpoch, untilMs: nowMs() + USER_TTL_MS };
    known.set(userId, fresh);
    if (known.size > USERS_KEPT_MAX) known.delete(known.keys().next().value as string);
    return fresh;
  };

  return async (token) => {
    const sessionId = sessionIdOf(token);
    const session = await sessions.findAndRefresh(sessionId, nowMs());
    if (session === undefined) return undefined;
    const user = await findKnown(session.userId);
    if (user === undefined || user.epoch !== session.epoch) return undefined;
    return { userId: session.userId, role: user.role, sessionId };
  };
}
