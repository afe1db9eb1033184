import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { DataEvents } from './data-events.ts';
import { DatabaseAccounts } from './database-accounts.ts';
import { MysqlDatabase } from './mysql-database.ts';
import { RedisStore } from './redis-store.ts';
import type { QuietHours } from './quiet-hours.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

export interface DataStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly vpc: IVpc;
  readonly disposable: boolean;
  /** Receives the messages of RDS and ElastiCache. */
  readonly eventsEmail: string | undefined;
  readonly quietHours: QuietHours;
}

/** Database and Redis, in a stack of their own because they outlive releases. */
export class DataStack extends Stack {
  readonly database: MysqlDatabase;
  readonly accounts: DatabaseAccounts;
  readonly redis: Readonly<Record<'state' | 'cache', RedisStore>>;

  constructor(
    scope: Construct,
    id: string,
    { settings, vpc, disposable, eventsEmail, quietHours, ...props }: DataStackProps,
  ) {
    super(scope, id, props);
    const { name: stage, logDays } = settings;
    this.database = new MysqlDatabase(this, 'Database', {
      vpc,
      stage,
      logDays,
      disposable,
      quietHours,
      settings: settings.database,
    });
    this.accounts = new DatabaseAccounts(this, 'Accounts', {
      database: this.database,
      vpc,
      stage,
      logDays,
      rotationDays: settings.rotationDays,
      disposable,
    });
    const events = new DataEvents(this, 'Events', { stage, email: eventsEmail });
    const { instance, replica } = this.database;
    events.subscribe(
      [instance, ...(replica === undefined ? [] : [replica])].map((one) => one.instanceIdentifier),
    );
    const store = (role: 'state' | 'cache', id: string) =>
      new RedisStore(this, id, {
        vpc,
        stage,
        role,
        disposable,
        quietHours,
        events: events.topic,
        settings: settings.redis,
      });
    const state = store('state', 'RedisState');
    this.redis = { state, cache: settings.redis.groups === 'shared' ? state : store('cache', 'RedisCache') };
  }
}
