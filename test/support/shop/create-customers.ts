import { randomBytes } from 'node:crypto';
import { formatHash } from '../../../app/accounts/password-hash.ts';
import { createSessions } from '../../../app/accounts/sessions.ts';
import { newUuid, uuidBytes } from '../../../app/platform/uuid.ts';
import type { TestDatabase } from '../servers/database.ts';
import type { TestRedis } from '../servers/redis.ts';
import { sessionTimes } from './session-times.ts';

export interface TestCustomer {
  readonly userId: string;
  /** A bearer token. */
  readonly token: string;
}

/**
 * A hash of the default cost whose password is not known to anyone. Another text would count as a hash of
 * another cost, and every process would look for accounts that have one.
 */
const UNKNOWN_PASSWORD = formatHash({
  cost: { scheme: 'argon2id', memoryKib: 19_456, passes: 2 },
  salt: randomBytes(16),
  hash: randomBytes(32),
});

/** Rows per statement. */
const ROWS_MAX = 1000;

/**
 * Creates many customers, each with a balance and a session, directly in MySQL and Redis. 10,000 take about a
 * second; signing up and logging in would take minutes of hashing. They have no working password.
 */
export async function createCustomers(
  { database, redis }: { database: Pick<TestDatabase, 'write'>; redis: Pick<TestRedis, 'client'> },
  count: number,
  balance: number,
): Promise<TestCustomer[]> {
  const now = new Date();
  const userIds = Array.from({ length: count }, newUuid);
  for (let at = 0; at < count; at += ROWS_MAX) {
    const ids = userIds.slice(at, at + ROWS_MAX).map(uuidBytes);
    await database.write('INSERT INTO users (id, email, password_hash, created_at) VALUES ?', [
      ids.map((id) => [id, `${id.toString('hex')}@example.com`, UNKNOWN_PASSWORD, now]),
    ]);
    await database.write('INSERT INTO wallets (user_id, balance, version) VALUES ?', [
      ids.map((id) => [id, balance, 1]),
    ]);
    await database.write(
      'INSERT INTO wallet_entries (user_id, seq, kind, amount, balance_after, created_at) VALUES ?',
      [ids.map((id) => [id, 1, 'CHARGE', balance, balance, now])],
    );
  }
  const store = {
    run: <T>(command: (client: TestRedis['client']) => Promise<T>) => command(redis.client),
    probe: async () => undefined,
    ready: async () => undefined,
    close: async () => undefined,
  };
  const sessions = createSessions({ redis: store, times: sessionTimes, nowMs: () => Date.now() });
  return Promise.all(
    userIds.map(async (userId) => ({
      userId,
      token: await sessions.create({ userId, epoch: 0, createdAtMs: now.getTime() }, 'customer'),
    })),
  );
}
