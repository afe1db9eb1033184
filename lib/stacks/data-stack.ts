import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { DatabaseAccounts } from '../constructs/database-accounts.ts';
import { MysqlDatabase } from '../constructs/mysql-database.ts';
import { RedisStore } from '../constructs/redis-store.ts';
import type { StageSettings } from '../stages.ts';

export interface DataStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly vpc: IVpc;
  readonly disposable: boolean;
}

/** What must last, apart from what comes and goes with a release. */
export class DataStack extends Stack {
  readonly database: MysqlDatabase;
  readonly accounts: DatabaseAccounts;
  readonly redis: Readonly<Record<'state' | 'cache', RedisStore>>;

  constructor(scope: Construct, id: string, { settings, vpc, disposable, ...props }: DataStackProps) {
    super(scope, id, props);
    const { name: stage, logDays } = settings;
    this.database = new MysqlDatabase(this, 'Database', {
      vpc,
      stage,
      logDays,
      disposable,
      settings: settings.database,
    });
    this.accounts = new DatabaseAccounts(this, 'Accounts', {
      database: this.database,
      vpc,
      stage,
      logDays,
      rotationDays: settings.rotationDays,
    });
    const store = (role: 'state' | 'cache', id: string) =>
      new RedisStore(this, id, { vpc, stage, role, disposable, settings: settings.redis });
    const state = store('state', 'RedisState');
    this.redis = { state, cache: settings.redis.groups === 'shared' ? state : store('cache', 'RedisCache') };
  }
}
