import type { IDatabaseInstance } from 'aws-cdk-lib/aws-rds';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { databaseName, type DatabaseUser } from '../data/database-accounts-sql.ts';
import type { EnvironmentName, ProcessName } from '../instance/instance-settings.ts';
import type { ProcessHost } from './process-host.ts';

/** What a client of the database needs of it. */
export interface DatabaseAccess {
  readonly database: {
    readonly instance: IDatabaseInstance;
    /** Has the same security group as the instance. */
    readonly replica: IDatabaseInstance | undefined;
  };
  readonly accounts: { readonly secrets: Readonly<Record<DatabaseUser, ISecret>> };
}

/** Requires TLS with a verified host name. NODE_EXTRA_CA_CERTS gives the process the certificates of RDS. */
const TLS = 'ssl=%7B%22verifyIdentity%22%3Atrue%2C%22minVersion%22%3A%22TLSv1.2%22%7D';

/** URL of the database with placeholders `{username}` and `{password}`. */
export function databaseUrlTemplate(host: string): string {
  return `mysql://{username}:{password}@${host}:3306/${databaseName}?${TLS}`;
}

/**
 * Lets processes of a host log in as one user of the database: network access, permission to read the user's
 * secret, DATABASE_URL, and the secret's id, with which the processes read it again after a rotation.
 * `readsReplica` adds DATABASE_REPLICA_URL if the stage has a replica.
 */
export function useDatabase(
  host: ProcessHost,
  { database, accounts }: DatabaseAccess,
  options: { as: DatabaseUser; for: readonly ProcessName[]; readsReplica?: boolean },
): void {
  const secret = accounts.secrets[options.as];
  secret.grantRead(host);
  host.connections.allowToDefaultPort(database.instance, `${options.as} to MySQL`);
  setUrl('DATABASE_URL', database.instance.dbInstanceEndpointAddress);
  host.setVariables(options.for, { DATABASE_SECRET_ID: arnOf(secret) });
  if (options.readsReplica === true && database.replica !== undefined) {
    setUrl('DATABASE_REPLICA_URL', database.replica.dbInstanceEndpointAddress);
  }

  function setUrl(name: EnvironmentName, address: string): void {
    host.setSecretVariable(options.for, name, {
      secretArn: arnOf(secret),
      template: databaseUrlTemplate(address),
    });
  }
}

export function arnOf(secret: ISecret): string {
  return secret.secretFullArn ?? secret.secretArn;
}
