import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Login, ReadLogin } from '../mysql/database-login.ts';

const CONNECT_TIMEOUT_MS = 1000;
const REQUEST_TIMEOUT_MS = 2000;

/**
 * Reads a secret of Secrets Manager in the form that RDS gives it: JSON with `username` and `password`. The client is
 * made for the one call: a rotation is weeks apart.
 */
export function createSecretLogin({ region, secretId }: { region: string; secretId: string }): ReadLogin {
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

/** Throws without a word of what the secret holds. */
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
