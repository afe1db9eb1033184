import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { CustomResource, Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import type { IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { DatabaseSecret } from 'aws-cdk-lib/aws-rds';
import { type ISecret, SecretRotation, SecretRotationApplication } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import { accountStatements, type DatabaseUser, databaseUsers } from './database-accounts-sql.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { awsEgress } from '../network/aws-egress.ts';
import { BundledFunction } from '../functions/bundled-function.ts';
import type { MysqlDatabase } from './mysql-database.ts';

export interface DatabaseAccountsProps {
  readonly database: Pick<MysqlDatabase, 'instance'>;
  readonly vpc: IVpc;
  readonly stage: string;
  readonly rotationDays: number;
  readonly disposable: boolean;
  readonly logDays: StageSettings['logDays'];
}

const CONNECT_AND_GRANT_S = 60;
const FUNCTION_NAME_MAX = 64;

/**
 * The secrets of the three MySQL users, the users themselves and their rotation. The rotation alternates
 * between two users per secret, so a login stays valid until the rotation after the next one. A process whose
 * login is rejected reads its secret again (app/platform/mysql/database-login.ts).
 */
export class DatabaseAccounts extends Construct {
  readonly secrets: Readonly<Record<DatabaseUser, ISecret>>;
  readonly rotationFunctionNames: string[] = [];

  constructor(scope: Construct, id: string, props: DatabaseAccountsProps) {
    super(scope, id);
    const { database, vpc, stage } = props;
    const admin = database.instance.secret;
    if (admin === undefined) throw new Error("the database has no secret for its administrator's login");
    const secretOf = (user: DatabaseUser): ISecret => {
      const secret = new DatabaseSecret(this, `Secret-${user}`, {
        username: user,
        secretName: `rowlock/${stage}/${user}`,
        masterSecret: admin,
      });
      // The database outlives the stack, and so do its users.
      if (!props.disposable) secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
      return secret.attach(database.instance);
    };
    this.secrets = {
      migrator: secretOf('migrator'),
      app: secretOf('app'),
      statistics: secretOf('statistics'),
    };

    const maker = new BundledFunction(this, 'Maker', {
      entry: join(import.meta.dirname, './functions/database-accounts.ts'),
      vpc,
      timeoutS: CONNECT_AND_GRANT_S,
      logDays: props.logDays,
    });
    database.instance.connections.allowDefaultPortFrom(maker.function, 'makes the users');
    for (const secret of [admin, ...Object.values(this.secrets)]) secret.grantRead(maker.function);
    const users = new CustomResource(this, 'Users', {
      serviceToken: maker.function.functionArn,
      resourceType: 'Custom::DatabaseAccounts',
      serviceTimeout: Duration.seconds(CONNECT_AND_GRANT_S * 3),
      properties: {
        AdminSecretArn: admin.secretArn,
        SecretArns: Object.fromEntries(databaseUsers.map((user) => [user, this.secrets[user].secretArn])),
        // Changed rights run the function again.
        Rights: rightsHash(),
      },
    });
    // Depend only on the instance: its construct also contains the rotation, which waits for the users.
    if (database.instance.node.defaultChild !== undefined) {
      users.node.addDependency(database.instance.node.defaultChild);
    }
    // CloudFormation must not call the function before its policy and its access to the database exist.
    users.node.addDependency(maker);

    const access = awsEgress(this, 'RotationAccess', vpc, 'Rotation of the database passwords');
    // A rotation first logs in with the user's own password, so the user must exist. A new schedule rotates
    // at once. Create them one after the other, so that no user is changed by an administrator whose password
    // is changing.
    let before: IDependable = users;
    before = this.rotate('admin', admin, undefined, access, props, before);
    for (const user of databaseUsers) {
      before = this.rotate(user, this.secrets[user], admin, access, props, before);
    }
  }

  private rotate(
    name: string,
    secret: ISecret,
    masterSecret: ISecret | undefined,
    securityGroup: SecurityGroup,
    { database, vpc, rotationDays }: DatabaseAccountsProps,
    after: IDependable,
  ): IDependable {
    const rotation = new SecretRotation(this, `Rotation-${name}`, {
      application:
        masterSecret === undefined
          ? SecretRotationApplication.MYSQL_ROTATION_SINGLE_USER
          : SecretRotationApplication.MYSQL_ROTATION_MULTI_USER,
      secret,
      ...(masterSecret === undefined ? {} : { masterSecret }),
      target: database.instance,
      vpc,
      securityGroup,
      // Secrets Manager cannot be reached from the isolated subnets.
      vpcSubnets: { subnetGroupName: 'private' },
      automaticallyAfter: Duration.days(rotationDays),
      excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\',
    });
    // SecretRotation gives its function this name but does not expose it.
    this.rotationFunctionNames.push(Names.uniqueId(rotation).slice(-FUNCTION_NAME_MAX));
    // The schedule is a child of the secret, not of the rotation.
    const schedule = secret.node.findChild('RotationSchedule');
    schedule.node.addDependency(after);
    rotation.node.addDependency(after);
    return schedule;
  }
}

function rightsHash(): string {
  const statements = databaseUsers.map((user) => accountStatements(user, user, ''));
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex').slice(0, 16);
}
