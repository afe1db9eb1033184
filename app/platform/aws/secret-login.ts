import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Login, ReadLogin } from '../mysql/database-login.ts';

const CONNECT_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 2000;

/**
 * Returns a function that reads a secret of Secrets Manager in the form of RDS: JSON with `username` and
 * `password`. Returns undefined without a secret: the URL of the database then contains the login. Each call
 * opens a new client, because rotations are weeks apart.
 */
export function createSecretLogin({
  AWS_REGION: region,
  DATABASE_SECRET_ID: secretId,
}: {
  readonly AWS_REGION: string;
  readonly DATABASE_SECRET_ID?: string | undefined;
}): ReadLogin | undefined {
  if (secretId === undefined) return undefined;
  return async () => {
    const client = new SecretsManagerClient({
      region,
      maxAttempts: 2,
      requestHandler: {
        connectionTimeout: CONNECT_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        throwOnRequestTimeout: true,
      },
    });
    try {
      const { SecretString = '{}' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
      return loginIn(SecretString);
    } finally {
      client.destroy();
    }
  };
}

/** Error messages leave out the content of the secret. */
function loginIn(secret: string): Login {
  let parsed: Partial<Login>;
  try {
    parsed = JSON.parse(secret) as Partial<Login>;
  } catch {
    throw new Error('the secret of the database login is not JSON');
  }
  const { username, password } = parsed;
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new Error('the secret of the database login has no username or no password');
  }
  return { username, password };
}
