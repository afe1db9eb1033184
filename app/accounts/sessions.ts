import { hash, randomBytes } from 'node:crypto';
import type { Caller } from '../http/contract/route.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { createSharedGet } from '../platform/redis/shared-get.ts';

const TOKEN_BYTES = 32;
/** Maximum live sessions per user. The next log-in ends the oldest, so that no account fills Redis. */
const SESSIONS_PER_USER_MAX = 50;

/** Writes per idle time. A write per request would be half of all Redis commands; most requests only read. */
const POSTPONED_PER_IDLE_TIME = 30;
/** 8 MB at most. A session evicted from this map costs one more write. */
const POSTPONED_KEPT_MAX = 50_000;

export interface Session {
  readonly userId: string;
  /** The user's session epoch at log-in; a session of an older epoch is invalid. */
  readonly epoch: number;
  readonly createdAtMs: number;
}

export interface SessionTimes {
  /** A session ends after this long without a request, up to a thirtieth of it earlier. */
  readonly idleS: number;
  /** Maximum lifetime from log-in, used or not. */
  readonly ttlMaxS: number;
}

/** Customers stay logged in for weeks, so that a sale does not start with a log-in each. Admins do not. */
export type SessionTimesByRole = Readonly<Record<Caller['role'], SessionTimes>>;

export function sessionTimesOf(config: {
  readonly SESSION_IDLE_S: number;
  readonly SESSION_TTL_MAX_S: number;
  readonly ADMIN_SESSION_IDLE_S: number;
  readonly ADMIN_SESSION_TTL_MAX_S: number;
}): SessionTimesByRole {
  return {
    customer: { idleS: config.SESSION_IDLE_S, ttlMaxS: config.SESSION_TTL_MAX_S },
    admin: { idleS: config.ADMIN_SESSION_IDLE_S, ttlMaxS: config.ADMIN_SESSION_TTL_MAX_S },
  };
}

export interface Sessions {
  /** Creates a session. The token is 256 random bits as 43 characters; only its hash is stored. */
  create(session: Session, role: Caller['role']): Promise<string>;
  /**
   * Costs one read, which those of the same tick share. The session may be older than its role allows: only
   * `keepAlive` checks that.
   */
  find(sessionId: string): Promise<Session | undefined>;
  /**
   * Postpones the idle end of a session that `find` has just returned. Returns false, and removes the
   * session, once it has reached its maximum lifetime. Writes to Redis at most once per thirtieth of the idle
   * time, session and process.
   */
  keepAlive(sessionId: string, session: Session, role: Caller['role']): Promise<boolean>;
  end(sessionId: string): Promise<void>;
  /**
   * Ends the user's sessions that Redis knows, at once and in every process. After a failover Redis may not
   * know all of them: only the user's epoch in MySQL ends them for certain.
   */
  endAll(userId: string): Promise<void>;
}

/** The SHA-256 of a session's token, so that a dump of Redis opens no session. */
export function sessionIdOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Sessions in the `state` Redis. All methods throw OperationalError if it does not respond. */
export function createSessions({
  redis,
  times,
  nowMs,
}: {
  readonly redis: RedisStore;
  readonly times: SessionTimesByRole;
  readonly nowMs: () => number;
}): Sessions {
  /**
   * When this process last postponed the end of a session; in insertion order, so the first is the oldest.
   */
  const postponed = new Map<string, number>();
  const remember = (sessionId: string): void => {
    postponed.delete(sessionId);
    postponed.set(sessionId, nowMs());
    if (postponed.size > POSTPONED_KEPT_MAX) postponed.delete(postponed.keys().next().value as string);
  };
  const get = createSharedGet(redis);
  const keyOf = (sessionId: string) => `session:${sessionId}`;
  /** The ids of a user's sessions by log-in time, possibly including ended ones. */
  const listKeyOf = (userId: string) => `sessions-of:${userId}`;

  /** Removes ended sessions from the list, then ends the oldest live ones above the limit. */
  const endOldest = async (list: string): Promise<void> => {
    const ids = await redis.run((client) => client.zrange(list, '0', '-1'));
    const lives = await redis.run((client) => Promise.all(ids.map((id) => client.exists(keyOf(id)))));
    const ended = ids.filter((_, index) => lives[index] === 0);
    const tooMany = ids.filter((_, index) => lives[index] === 1).slice(0, -SESSIONS_PER_USER_MAX);
    const gone = [...ended, ...tooMany];
    if (gone.length === 0) return;
    await redis.run((client) =>
      Promise.all([client.zrem(list, ...gone), ...tooMany.map((id) => client.del(keyOf(id)))]),
    );
  };

  return {
    async create({ userId, epoch, createdAtMs }, role) {
      const { idleS, ttlMaxS } = times[role];
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const sessionId = sessionIdOf(token);
      const value = JSON.stringify([userId, epoch, createdAtMs]);
      const list = listKeyOf(userId);
      // Commands of one event-loop tick share a round trip; see platform/redis/redis.ts.
      const [, , , , listed] = await redis.run((client) =>
        Promise.all([
          client.set(keyOf(sessionId), value, 'EX', idleS),
          client.zadd(list, createdAtMs, sessionId),
          client.expire(list, ttlMaxS),
          client.zremrangebyscore(list, 0, createdAtMs - ttlMaxS * 1000),
          client.zcard(list),
        ]),
      );
      remember(sessionId);
      if (listed > SESSIONS_PER_USER_MAX) await endOldest(list);
      return token;
    },
    async find(sessionId) {
      const value = await get(keyOf(sessionId));
      if (value === null) return undefined;
      const [userId, epoch, createdAtMs] = JSON.parse(value) as [string, number, number];
      return { userId, epoch, createdAtMs };
    },
    async keepAlive(sessionId, { createdAtMs }, role) {
      const { idleS, ttlMaxS } = times[role];
      if (nowMs() - createdAtMs >= ttlMaxS * 1000) {
        postponed.delete(sessionId);
        await redis.run((client) => client.del(keyOf(sessionId)));
        return false;
      }
      const last = postponed.get(sessionId);
      if (last !== undefined && nowMs() - last < (idleS * 1000) / POSTPONED_PER_IDLE_TIME) return true;
      await redis.run((client) => client.expire(keyOf(sessionId), idleS));
      remember(sessionId);
      return true;
    },
    async end(sessionId) {
      await redis.run((client) => client.del(keyOf(sessionId)));
    },
    async endAll(userId) {
      const list = listKeyOf(userId);
      const ids = await redis.run((client) => client.zrange(list, '0', '-1'));
      await redis.run((client) => Promise.all([client.del(list), ...ids.map((id) => client.del(keyOf(id)))]));
    },
  };
}
