import { type CfnResource, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { InstanceType, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  CaCertificate,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  DatabaseInstanceReadReplica,
  type DatabaseSecret,
  MysqlEngineVersion,
  ParameterGroup,
  PerformanceInsightRetention,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { databaseName } from './database-accounts-sql.ts';
import type { QuietHours } from './quiet-hours.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { acknowledgePort } from './acknowledge-port.ts';
import { logRetention } from '../observability/log-retention.ts';

export interface MysqlDatabaseProps {
  readonly vpc: IVpc;
  readonly stage: string;
  readonly settings: StageSettings['database'];
  readonly logDays: StageSettings['logDays'];
  readonly disposable: boolean;
  readonly quietHours: QuietHours;
}

const exportedLogs = ['error', 'slowquery'] as const;

/** Longest that RDS offers. */
const MONITORING_S = 60;

// The series and no patch of it: RDS upgrades patches by itself, which is no drift from `8.4` (the type's schema compares
// `8.4.*`), and a new stage does not fail once RDS has retired the patch that was named.
const engine = DatabaseInstanceEngine.mysql({ version: MysqlEngineVersion.of('8.4', '8.4') });

/** What the app was measured and tested with. */
const parameters: Readonly<Record<string, string>> = {
  // An acknowledged order is on disk, in the log of InnoDB and in the binary log.
  innodb_flush_log_at_trx_commit: '1',
  sync_binlog: '1',
  // READ COMMITTED, which the app sets on its sessions as well, needs rows in the binary log.
  binlog_format: 'ROW',
  transaction_isolation: 'READ-COMMITTED',
  // A client without TLS is refused.
  require_secure_transport: '1',
  character_set_server: 'utf8mb4',
  collation_server: 'utf8mb4_unicode_520_ci',
  time_zone: 'UTC',
  // Both statements of each into the error log, as notes: MySQL 9.7 writes them at log_error_verbosity 3 and not at its
  // default of 2. The app counts deadlocks itself.
  innodb_print_all_deadlocks: '1',
  slow_query_log: '1',
  long_query_time: '1',
  log_output: 'FILE',
};

/**
 * MySQL 8.4, with a replica where the stage has one. Only the functions that create and rotate the users log in as
 * its administrator.
 */
export class MysqlDatabase extends Construct {
  readonly instance: DatabaseInstance;
  readonly replica: DatabaseInstanceReadReplica | undefined;

  constructor(scope: Construct, id: string, props: MysqlDatabaseProps) {
    super(scope, id);
    // A fixed name makes CloudFormation reject a change that would replace the database by an empty one.
    const instanceIdentifier = `rowlock-${props.stage}`;
    const logs = logGroups(this, instanceIdentifier, props.logDays);
    const shared = sharedProps(this, props);
    this.instance = this.createInstance(instanceIdentifier, shared, props);
    this.instance.node.addDependency(...logs);
    this.acknowledge(props);
    if (props.settings.hasReplica) this.replica = this.createReplica(shared, props);
  }

  private createInstance(
    instanceIdentifier: string,
    shared: SharedProps,
    { stage, settings, disposable, quietHours }: MysqlDatabaseProps,
  ): DatabaseInstance {
    const instance = new DatabaseInstance(this, 'Instance', {
      ...shared,
      engine,
      instanceIdentifier,
      preferredMaintenanceWindow: quietHours.database,
      preferredBackupWindow: quietHours.databaseBackup,
      databaseName,
      credentials: Credentials.fromGeneratedSecret('rowlock_admin', { secretName: `rowlock/${stage}/admin` }),
      allocatedStorage: settings.storageGb,
      maxAllocatedStorage: settings.storageMaxGb,
      storageEncrypted: true,
      multiAz: settings.multiAz,
      backupRetention: Duration.days(settings.backupDays),
      deleteAutomatedBackups: disposable,
      removalPolicy: disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      cloudwatchLogsExports: [...exportedLogs],
      parameterGroup: new ParameterGroup(this, 'Parameters', { engine, parameters: { ...parameters } }),
    });
    if (!disposable) {
      // The database outlives the stack, and so must its administrator's login.
      const secret = instance.node.findChild('Secret') as DatabaseSecret;
      secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
    return instance;
  }

  private createReplica(
    shared: SharedProps,
    { quietHours }: MysqlDatabaseProps,
  ): DatabaseInstanceReadReplica {
    const replica = new DatabaseInstanceReadReplica(this, 'Replica', {
      ...shared,
      sourceDatabaseInstance: this.instance,
      preferredMaintenanceWindow: quietHours.replica,
      // RDS rejects storageEncrypted here: a replica is encrypted like its source.
      removalPolicy: RemovalPolicy.DESTROY,
      deletionProtection: false,
      parameterGroup: new ParameterGroup(this, 'ReplicaParameters', {
        engine,
        parameters: { ...parameters },
      }),
    });
    acknowledgePort(replica, 'AwsSolutions-RDS11');
    Validations.of(replica).acknowledge(
      {
        id: 'AwsSolutions-RDS10',
        reason: 'A replica holds nothing that its source does not, and is made again in minutes.',
      },
      {
        id: 'AwsSolutions-RDS3',
        reason: 'Without the replica catalogue reads go to the writer, which has a standby.',
      },
      { id: 'AwsSolutions-RDS2', reason: 'A replica is encrypted as its source is, which is.' },
    );
    return replica;
  }

  private acknowledge({ settings, disposable }: MysqlDatabaseProps): void {
    acknowledgePort(this.instance, 'AwsSolutions-RDS11');
    Validations.of(this.instance).acknowledge({
      id: 'CloudFormation-Validate::E9006',
      reason: 'RDS takes the series for its default patch; the list of the rule holds patches alone.',
    });
    // The same rule of cfn-lint.
    (this.instance.node.defaultChild as CfnResource).addMetadata('cfn-lint', {
      config: { ignore_checks: ['E3691'] },
    });
    if (!settings.multiAz) {
      Validations.of(this.instance).acknowledge({
        id: 'AwsSolutions-RDS3',
        reason: 'The stage minimal says so: a lost database is an outage of minutes there, restored by RDS.',
      });
    }
    if (disposable) {
      Validations.of(this.instance).acknowledge({
        id: 'AwsSolutions-RDS10',
        reason: 'The deployment was asked to be disposable.',
      });
    }
  }
}

/** Created here because RDS would create them without an expiry. */
function logGroups(scope: Construct, instanceIdentifier: string, logDays: MysqlDatabaseProps['logDays']) {
  return exportedLogs.map(
    (log) =>
      new LogGroup(scope, `Log-${log}`, {
        logGroupName: `/aws/rds/instance/${instanceIdentifier}/${log}`,
        retention: logRetention(logDays),
        removalPolicy: RemovalPolicy.DESTROY,
      }),
  );
}

type SharedProps = ReturnType<typeof sharedProps>;

/** What writer and replica have in common. */
function sharedProps(scope: Construct, { vpc, settings, disposable }: MysqlDatabaseProps) {
  return {
    vpc,
    vpcSubnets: { subnetGroupName: 'isolated' },
    // The database answers connections and opens none.
    securityGroups: [new SecurityGroup(scope, 'Access', { vpc, allowAllOutbound: false })],
    instanceType: new InstanceType(settings.instanceType),
    caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
    storageType: StorageType.GP3,
    publiclyAccessible: false,
    autoMinorVersionUpgrade: true,
    deletionProtection: !disposable,
    copyTagsToSnapshot: true,
    ...(settings.hasPerformanceInsights
      ? {
          enablePerformanceInsights: true,
          // Seven days cost nothing.
          performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
          // Enhanced monitoring: processes and memory of the host, which its metrics do not tell apart.
          monitoringInterval: Duration.seconds(MONITORING_S),
          monitoringRole: monitoringRole(scope),
        }
      : {}),
  };
}

/** Lets RDS write enhanced monitoring of writer and replica to CloudWatch Logs. */
function monitoringRole(scope: Construct): Role {
  const role = new Role(scope, 'Monitoring', {
    assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole')],
  });
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]',
    reason: "AWS's own policy for the role with which RDS writes enhanced monitoring.",
  });
  return role;
}
