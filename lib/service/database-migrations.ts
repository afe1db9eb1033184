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
 * Migrates the database once per release, before the fleets change: if a migration fails, the release ends
 * while the instances of the previous release still serve. A Lambda function does this, because an instance
 * would need the secret of the user who may change the schema, and an attacker in a process of the app can
 * read everything that its instance can.
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
      // A changed set of migrations runs the function again.
      properties: { Release: release },
    });
    // CloudFormation must not call the function before its policy and its access to the database exist.
    resource.node.addDependency(runner);
  }
}
