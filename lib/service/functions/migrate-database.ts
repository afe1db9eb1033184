/**
 * Function that migrates the database, either as a custom resource before a release replaces its first
 * instance, or when an operator calls it (`aws lambda invoke`). Only it reads the secret of the user who may
 * change the schema.
 */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { migrate } from '../../../app/migrations/migrate.ts';
import { databaseFailure } from '../../../app/platform/mysql/database-errors.ts';
import { isLoginRejected } from '../../../app/platform/mysql/database-login.ts';
import { eventLine } from '../../instance/programs/event-line.ts';
import { keepTrying } from '../../instance/programs/keep-trying.ts';
import { answerRequest, type ResourceRequest } from '../../functions/answer-request.ts';

export interface MigrationsRequest extends ResourceRequest {
  readonly ResourceProperties: { readonly Release: string };
}

const { MIGRATIONS_RELEASE, MIGRATOR_SECRET_ID = '', DATABASE_URL_TEMPLATE = '' } = process.env;
/** A failover of the database takes one to two minutes. */
const UNAVAILABLE_MAX_MS = 120_000;

/** A request without a type comes from an operator: returns the applied migrations, or throws. */
export async function handler(request: Partial<MigrationsRequest> = {}): Promise<{ applied: string[] }> {
  if (request.RequestType === undefined) return { applied: await migrateNow() };
  const { ResourceProperties, ...resource } = request as MigrationsRequest;
  await answerRequest(resource, 'database-migrations', async () => {
    // Migrations only add, so nothing is undone. The rollback of a failed release may ask this code for the
    // previous release, whose migrations have run.
    if (resource.RequestType === 'Delete' || ResourceProperties.Release !== MIGRATIONS_RELEASE) return;
    await migrateNow();
  });
  return { applied: [] };
}

async function migrateNow(): Promise<string[]> {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
  try {
    // Each attempt reads the secret, which a rotation may have changed since the last one.
    const applied = await keepTrying(async () => migrate(await databaseUrl(client), { onBusy }), {
      forMs: UNAVAILABLE_MAX_MS,
      isTransient: (error) =>
        error instanceof SecretUnavailable ||
        isLoginRejected(error) ||
        databaseFailure(error) === 'connection',
      onFailure: (error) => eventLine('migrations_postponed', { error }),
    });
    eventLine('migrated', { applied });
    return applied;
  } catch (error) {
    eventLine('migrations_failed', { error });
    throw error;
  } finally {
    client.destroy();
  }
}

function onBusy(migration: string, attempt: number): void {
  eventLine('migration_waits', { migration, attempt });
}

class SecretUnavailable extends Error {}

async function databaseUrl(client: SecretsManagerClient): Promise<string> {
  const { SecretString = '' } = await client
    .send(new GetSecretValueCommand({ SecretId: MIGRATOR_SECRET_ID }))
    .catch((cause: unknown) => {
      throw new SecretUnavailable(`cannot read the secret of the migrator: ${String(cause)}`, { cause });
    });
  const { username, password } = JSON.parse(SecretString) as { username: string; password: string };
  return DATABASE_URL_TEMPLATE.replace('{username}', encodeURIComponent(username)).replace(
    '{password}',
    encodeURIComponent(password),
  );
}
