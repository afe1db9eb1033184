import { hash, randomBytes } from 'node:crypto';
import type { RedisStore } from '../platform/redis.ts';

const TOKEN_BYTES = 32;
/** Of one user, those that have ended aside. The next login ends the oldest, so that no account fills Redis. */
const SESSIONS_A_USER_MAX = 50;

export interface Session {
  readonly userId: string;
  /** The user's session epoch at login; a session of an older epoch is void. */
  readonly epoch: number;
  readonly createdAtMs: number;
}

export interface SessionTimes {
  /** A session ends after this long without a request. */
  readonly idleS: number;
  /** And after this long in any case. */
  readonly ttlMaxS: number;
}

export interface Sessions {
  /** A new session; the token is 256 random bits as 43 characters and is stored only as its hash. */
  create(session: Session): Promise<string>;
  /** The session of a token, kept alive for another idle period, in one command. */
  findAndRefresh(sessionId: string, nowMs: number): Promise<Session | undefined>;
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
export function createSessions(redis: RedisStore, { idleS, ttlMaxS }: SessionTimes): Sessions {
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
    async create({ userId, epoch, createdAtMs }) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const sessionId = sessionIdOf(token);
      const value = JSON.stringify([userId, epoch, createdAtMs]);
      const list = listKeyOf(userId);
      // Commands of one turn travel together; see platform/redis.ts.
      const [, , , , listed] = await redis.run((client) =>
        Promise.all([
          client.set(keyOf(sessionId), value, 'EX', idleS),
          client.zadd(list, createdAtMs, sessionId),
          client.expire(list, ttlMaxS),
          client.zremrangebyscore(list, 0, createdAtMs - ttlMaxS * 1000),
          client.zcard(list),
        ]),
      );
      if (listed > SESSIONS_A_USER_MAX) await endOldest(list);
      return token;
    },
    async findAndRefresh(sessionId, nowMs) {
      const value = await redis.run((client) => client.getex(keyOf(sessionId), 'EX', idleS));
      if (value === null) return undefined;
      const [userId, epoch, createdAtMs] = JSON.parse(value) as [string, number, number];
      if (nowMs - createdAtMs < ttlMaxS * 1000) return { userId, epoch, createdAtMs };
      // The look-up has just kept it alive.
      await redis.run((client) => client.del(keyOf(sessionId)));
      return undefined;
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
