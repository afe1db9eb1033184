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

/** The longest interval that RDS offers. */
const MONITORING_S = 60;

// The series instead of a patch version. RDS upgrades patches automatically, and with `8.4` that is no drift
// (the type's schema compares `8.4.*`). A new stage does not fail when RDS has retired a patch version.
const engine = DatabaseInstanceEngine.mysql({ version: MysqlEngineVersion.of('8.4', '8.4') });

/** Parameters with which the app was measured and tested. */
const parameters: Readonly<Record<string, string>> = {
  // An acknowledged order is on disk, both in InnoDB's log and in the binary log.
  innodb_flush_log_at_trx_commit: '1',
  sync_binlog: '1',
  // READ COMMITTED, which the app also sets on its sessions, requires the row format.
  binlog_format: 'ROW',
  transaction_isolation: 'READ-COMMITTED',
  // Rejects clients without TLS.
  require_secure_transport: '1',
  character_set_server: 'utf8mb4',
  collation_server: 'utf8mb4_unicode_520_ci',
  time_zone: 'UTC',
  // Writes both statements of a deadlock to the error log, as notes. MySQL 9.7 writes notes at
  // log_error_verbosity 3, not at its default of 2. The app counts deadlocks itself.
  innodb_print_all_deadlocks: '1',
  slow_query_log: '1',
  long_query_time: '1',
  log_output: 'FILE',
};

/**
 * MySQL 8.4, with a replica where the stage has one. Only the functions that create and rotate the users log
 * in as its administrator.
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
        reason: 'A replica has no data of its own and can be recreated within minutes.',
      },
      {
        id: 'AwsSolutions-RDS3',
        reason: 'Without the replica, catalogue reads go to the writer, which has a standby.',
      },
      { id: 'AwsSolutions-RDS2', reason: 'A replica is encrypted like its source, which is encrypted.' },
    );
    return replica;
  }

  private acknowledge({ settings, disposable }: MysqlDatabaseProps): void {
    acknowledgePort(this.instance, 'AwsSolutions-RDS11');
    Validations.of(this.instance).acknowledge({
      id: 'CloudFormation-Validate::E9006',
      reason: 'RDS resolves the series to its default patch; the list of the rule has only patch versions.',
    });
    // cfn-lint has the same rule.
    (this.instance.node.defaultChild as CfnResource).addMetadata('cfn-lint', {
      config: { ignore_checks: ['E3691'] },
    });
    if (!settings.multiAz) {
      Validations.of(this.instance).acknowledge({
        id: 'AwsSolutions-RDS3',
        reason: 'Chosen for the stage minimal: a lost database is an outage of minutes; RDS restores it.',
      });
    }
    if (disposable) {
      Validations.of(this.instance).acknowledge({
        id: 'AwsSolutions-RDS10',
        reason: 'The deployment is disposable.',
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
          // Enhanced monitoring shows processes and memory of the host, which the metrics do not.
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
    id:
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/' +
      'service-role/AmazonRDSEnhancedMonitoringRole]',
    reason: "AWS's own policy for the role with which RDS writes enhanced monitoring.",
  });
  return role;
}
