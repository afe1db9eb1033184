import { hash, randomBytes } from 'node:crypto';
import type { Caller } from '../http/contract/route.ts';
import type { RedisStore } from '../platform/redis/redis.ts';

const TOKEN_BYTES = 32;
/** Of one user, those that have ended aside. The next login ends the oldest, so that no account fills Redis. */
const SESSIONS_A_USER_MAX = 50;

/** A write per request would be half of all commands to Redis; a read is enough for most. */
const POSTPONED_PER_IDLE_TIME = 30;
/** 8 MB at most. A session that falls out costs one more write. */
const POSTPONED_KEPT_MAX = 50_000;

export interface Session {
  readonly userId: string;
  /** The user's session epoch at login; a session of an older epoch is void. */
  readonly epoch: number;
  readonly createdAtMs: number;
}

export interface SessionTimes {
  /** A session ends after this long without a request, up to a thirtieth of it earlier. */
  readonly idleS: number;
  /** Longest life of a session from its log-in, used or not. */
  readonly ttlMaxS: number;
}

/** Customers stay logged in for weeks, so that a sale does not begin with a log-in each; admins do not. */
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
  /** A new session; the token is 256 random bits as 43 characters and is stored only as its hash. */
  create(session: Session, role: Caller['role']): Promise<string>;
  /** One read. The session may be older than its role allows: only `keepAlive` tells. */
  find(sessionId: string): Promise<Session | undefined>;
  /**
   * Postpones the idle end of a session that has just been found. False when it has reached its longest life; it is
   * removed then. Writes to Redis only once in a thirtieth of the idle time per session and process.
   */
  keepAlive(sessionId: string, session: Session, role: Caller['role']): Promise<boolean>;
  end(sessionId: string): Promise<void>;
  /**
   * Ends the sessions of a user that Redis knows of, at once and in every process. After a failover it may know
   * less than there were: only the user's epoch in MySQL ends them for certain.
   */
  endAll(userId: string): Promise<void>;
}

/** Names a session: the SHA-256 of its token, so that a dump of Redis opens no session. */
export function sessionIdOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Sessions in the `state` Redis. All methods throw OperationalError when it does not answer. */
export function createSessions(
  redis: RedisStore,
  { times, nowMs }: { times: SessionTimesByRole; nowMs: () => number },
): Sessions {
  /** When this process last postponed the end of a session; in order of insertion, so the first is the oldest. */
  const postponed = new Map<string, number>();
  const remember = (sessionId: string): void => {
    postponed.delete(sessionId);
    postponed.set(sessionId, nowMs());
    if (postponed.size > POSTPONED_KEPT_MAX) postponed.delete(postponed.keys().next().value as string);
  };
  const keyOf = (sessionId: string) => `session:${sessionId}`;
  /** The ids of a user's sessions by login time. It may name some that have ended. */
  const listKeyOf = (userId: string) => `sessions-of:${userId}`;

  /** Sessions that have ended by themselves leave the list first. */
  const endOldest = async (list: string): Promise<void> => {
    const ids = await redis.run((client) => client.zrange(list, '0', '-1'));
    const lives = await redis.run((client) => Promise.all(ids.map((id) => client.exists(keyOf(id)))));
    const ended = ids.filter((_, index) => lives[index] === 0);
    const tooMany = ids.filter((_, index) => lives[index] === 1).slice(0, -SESSIONS_A_USER_MAX);
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
      // Commands of one turn travel together; see platform/redis/redis.ts.
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
      if (listed > SESSIONS_A_USER_MAX) await endOldest(list);
      return token;
    },
    async find(sessionId) {
      const value = await redis.run((client) => client.get(keyOf(sessionId)));
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
