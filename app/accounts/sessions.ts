import { hash, randomBytes } from 'node:crypto';
import type { RedisStore } from '../platform/redis.ts';

/** A session ends after this long without a request. */
const IDLE_TTL_S = 30 * 60;
/** And after this long in any case. */
export const SESSION_TTL_MAX_S = 7 * 24 * 60 * 60;

const TOKEN_BYTES = 32;

export interface Session {
  readonly userId: string;
  /** The user's session epoch at login; a session of an older epoch is void. */
  readonly epoch: number;
  readonly createdAtMs: number;
}

export interface Sessions {
  /** A new session; the token is 256 random bits as 43 characters and is stored only as its hash. */
  create(session: Session): Promise<string>;
  /** The session of a token, kept alive for another idle period, in one command. */
  findAndRefresh(sessionId: string, nowMs: number): Promise<Session | undefined>;
  end(sessionId: string): Promise<void>;
}

/** Names a session: the SHA-256 of its token, so that a dump of Redis opens no session. */
export function sessionIdOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Sessions in the `state` Redis. All methods throw OperationalError when it does not answer. */
export function createSessions(redis: RedisStore): Sessions {
  const keyOf = (sessionId: string) => `session:${sessionId}`;
  return {
    async create(session) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const value = JSON.stringify([session.userId, session.epoch, session.createdAtMs]);
      await redis.run((client) => client.set(keyOf(sessionIdOf(token)), value, 'EX', IDLE_TTL_S));
      return token;
    },
    async findAndRefresh(sessionId, nowMs) {
      const value = await redis.run((client) => client.getex(keyOf(sessionId), 'EX', IDLE_TTL_S));
      if (value === null) return undefined;
      const [userId, epoch, createdAtMs] = JSON.parse(value) as [string, number, number];
      return nowMs - createdAtMs > SESSION_TTL_MAX_S * 1000 ? undefined : { userId, epoch, createdAtMs };
    },
    async end(sessionId) {
      await redis.run((client) => client.del(keyOf(sessionId)));
    },
  };
}
