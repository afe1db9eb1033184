import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { type AwsCall, awsCalls } from '../support/servers/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import type { TestDatabase } from '../support/servers/database.ts';
import { testEnvironment } from '../support/environment.ts';

export interface RotatingLogin {
  /** The database's URL with the first login. */
  readonly url: string;
  /** Environment variables with which the app reads the login again. */
  readonly env: Readonly<Record<string, string>>;
  /** Reads of the secret so far. */
  readonly reads: readonly AwsCall[];
  /** The user in effect. */
  user(): string;
  /** Gives the other user a new password and puts that user into effect; the previous user stays valid. */
  rotate(): Promise<{ before: string; now: string }>;
  /** Blocks new logins of the user and ends the user's connections. */
  shutOut(user: string, how: 'lock' | 'drop' | 'new password'): Promise<void>;
  /** Number of the user's open connections. */
  connections(user: string): Promise<number>;
}

const SECRET_ID = 'rowlock/test/app';

/**
 * A login that alternates between two users, as Secrets Manager's rotation does, and a Secrets Manager that
 * returns the user in effect. The database is real. Secrets Manager is an HTTP server that answers
 * GetSecretValue.
 */
export async function rotatingLogin(database: TestDatabase): Promise<RotatingLogin> {
  const suffix = randomBytes(4).toString('hex');
  const users = [`r_${suffix}`, `r_${suffix}_clone`] as const;
  let inForce: { username: string; password: string } = { username: users[0], password: '' };
  onCleanup(async () => {
    // The test's own connections are closed by now, so open a new one.
    const connection = await createConnection({ uri: testEnvironment().mysqlUrl, connectTimeout: 60_000 });
    for (const user of users) await connection.query(`DROP USER IF EXISTS ${user}@'%'`);
    await connection.end();
  });

  const enter = async (username: string): Promise<void> => {
    // Includes characters that a URL must escape.
    const password = `${randomBytes(12).toString('base64')}@:/?#%`;
    await database.write(`CREATE USER IF NOT EXISTS ${username}@'%'`);
    await database.write(`ALTER USER ${username}@'%' IDENTIFIED BY ? ACCOUNT UNLOCK`, [password]);
    await database.write(`GRANT SELECT, INSERT, UPDATE, DELETE ON \`${database.name}\`.* TO ${username}@'%'`);
    inForce = { username, password };
  };
  await enter(users[0]);

  const url = new URL(database.url);
  url.username = inForce.username;
  url.password = encodeURIComponent(inForce.password);
  const secrets = await awsCalls(({ action, input }) =>
    action === 'GetSecretValue' && input['SecretId'] === SECRET_ID
      ? { json: { SecretString: JSON.stringify({ engine: 'mysql', ...inForce }) } }
      : { status: 400, error: 'AccessDenied' },
  );
  const idsOf = (user: string) =>
    database.read<{ id: number }>('SELECT id FROM information_schema.processlist WHERE user = ?', [user]);

  return {
    url: url.href,
    env: { DATABASE_SECRET_ID: SECRET_ID, AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
    reads: secrets.calls,
    user: () => inForce.username,
    async rotate() {
      const before = inForce.username;
      await enter(before === users[0] ? users[1] : users[0]);
      return { before, now: inForce.username };
    },
    async shutOut(user, how) {
      if (how === 'lock') await database.write(`ALTER USER ${user}@'%' ACCOUNT LOCK`);
      if (how === 'drop') await database.write(`DROP USER ${user}@'%'`);
      if (how === 'new password') {
        await database.write(`ALTER USER ${user}@'%' IDENTIFIED BY ?`, [randomBytes(12).toString('hex')]);
      }
      // A connection may have ended already.
      const ends = (await idsOf(user)).map(({ id }) => database.write(`KILL ${id}`).catch(() => undefined));
      await Promise.all(ends);
    },
    connections: async (user) => (await idsOf(user)).length,
  };
}
