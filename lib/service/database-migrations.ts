import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { deadlines } from '../settings/deadlines.ts';
import { rdsAuthorities } from '../data/rds-authorities.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { BundledFunction } from '../functions/bundled-function.ts';
import { arnOf, type DatabaseAccess, databaseUrlTemplate } from './use-database.ts';

export interface DatabaseMigrationsProps {
  readonly vpc: IVpc;
  readonly data: DatabaseAccess;
  readonly stage: string;
  readonly logDays: StageSettings['logDays'];
}

const directory = join(import.meta.dirname, '../../app/migrations');
const AUTHORITIES = 'rds-ca.pem';

/**
 * Migrates the database once a release, before the fleets that depend on it change: a migration that fails ends the
 * release while the instances of the one before still serve. A function does it, because an instance would have to read
 * the secret of the user who may change the schema, and whoever takes over a process of the app can read what its instance
 * can.
 */
export class DatabaseMigrations extends Construct {
  constructor(scope: Construct, id: string, { vpc, data, stage, logDays }: DatabaseMigrationsProps) {
    super(scope, id);
    const { database, accounts } = data;
    const secret = accounts.secrets.migrator;
    const migrations = Object.fromEntries(
      readdirSync(directory)
        .filter((name) => name.endsWith('.sql'))
        .toSorted()
        .map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
    );
    const release = createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 16);
    const runner = new BundledFunction(this, 'Runner', {
      entry: join(import.meta.dirname, './functions/migrate-database.ts'),
      names: { function: `rowlock-${stage}-migrations`, log: `/rowlock/${stage}/migrations` },
      vpc,
      timeoutS: deadlines.migrationsS,
      logDays,
      files: { ...migrations, [AUTHORITIES]: rdsAuthorities() },
      environment: {
        MIGRATIONS_RELEASE: release,
        MIGRATOR_SECRET_ID: arnOf(secret),
        DATABASE_URL_TEMPLATE: databaseUrlTemplate(database.instance.dbInstanceEndpointAddress),
        NODE_EXTRA_CA_CERTS: `/var/task/${AUTHORITIES}`,
      },
    });
    secret.grantRead(runner.function);
    runner.function.connections.allowToDefaultPort(database.instance, 'migrations to MySQL');
    const resource = new CustomResource(this, 'Resource', {
      serviceToken: runner.function.functionArn,
      resourceType: 'Custom::DatabaseMigrations',
      serviceTimeout: Duration.seconds(deadlines.migrationsAnswerS),
      // Another set of migrations runs the function again.
      properties: { Release: release },
    });
    // CloudFormation must not call the function before its policy and its way to the database are there.
    resource.node.addDependency(runner);
  }
}
