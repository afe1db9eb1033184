/**
 * Function of the custom resource that creates the MySQL users. Only it and the rotations read the
 * administrator's secret.
 */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import {
  accountStatements,
  alternateName,
  type DatabaseUser,
  databaseUsers,
  grantStatements,
  type Statement,
} from '../database-accounts-sql.ts';
import { answerRequest, type ResourceRequest } from '../../functions/answer-request.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 10_000;

export interface AccountsRequest extends ResourceRequest {
  readonly ResourceProperties: {
    readonly AdminSecretArn: string;
    /** ARN of each user's secret. */
    readonly SecretArns: Readonly<Record<DatabaseUser, string>>;
  };
}

export interface LoginSecret {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export async function handler({ ResourceProperties, ...request }: AccountsRequest): Promise<void> {
  await answerRequest(request, 'database-accounts', async () => {
    // The users go with the database.
    if (request.RequestType !== 'Delete') await makeAccounts(ResourceProperties);
  });
}

async function makeAccounts(properties: AccountsRequest['ResourceProperties']): Promise<void> {
  const client = new SecretsManagerClient({ maxAttempts: 3 });
  const read = async <T>(SecretId: string): Promise<T> => {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
    return JSON.parse(SecretString) as T;
  };
  const admin = await read<LoginSecret>(properties.AdminSecretArn);
  const connection = await createConnection({
    host: admin.host,
    port: admin.port,
    user: admin.username,
    password: admin.password,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A profile of mysql2 with the root certificates of RDS.
    ssl: 'Amazon RDS',
  });
  try {
    for (const user of databaseUsers) {
      await ensureAccount(connection, user, await read<LoginSecret>(properties.SecretArns[user]));
    }
  } finally {
    connection.destroy();
    client.destroy();
  }
}

/** Creates the user if it does not exist, and updates its rights and those of the rotation's second user. */
export async function ensureAccount(
  connection: Pick<Connection, 'query'>,
  user: DatabaseUser,
  login: Pick<LoginSecret, 'password'>,
): Promise<void> {
  const run = async ({ sql, values }: Statement) => {
    await connection.query({ sql, timeout: STATEMENT_TIMEOUT_MS }, [...values]);
  };
  for (const statement of accountStatements(user, user, login.password)) await run(statement);
  const other = alternateName(user);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT 1 FROM mysql.user WHERE user = ?', [other]);
  if (rows.length === 0) return;
  for (const statement of grantStatements(user, other)) await run(statement);
}
