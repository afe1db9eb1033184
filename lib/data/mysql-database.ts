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

/** MySQL 8.4 with its replica, where the stage has one. Only the account functions know its administrator. */
export class MysqlDatabase extends Construct {
  readonly instance: DatabaseInstance;
  readonly replica: DatabaseInstanceReadReplica | undefined;

  constructor(scope: Construct, id: string, props: MysqlDatabaseProps) {
    super(scope, id);
    const { vpc, settings, stage, disposable, quietHours } = props;
    // A name makes CloudFormation refuse a change that would replace the database by an empty one.
    const instanceIdentifier = `rowlock-${stage}`;
    // RDS would make them without an end to their keeping.
    const logGroup = (log: string) =>
      new LogGroup(this, `Log-${log}`, {
        logGroupName: `/aws/rds/instance/${instanceIdentifier}/${log}`,
        retention: logRetention(props.logDays),
        removalPolicy: RemovalPolicy.DESTROY,
      });
    const errors = logGroup('error');
    const slowQueries = logGroup('slowquery');
    const shared = {
      vpc,
      vpcSubnets: { subnetGroupName: 'isolated' },
      // It answers and calls nobody.
      securityGroups: [new SecurityGroup(this, 'Access', { vpc, allowAllOutbound: false })],
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
            monitoringRole: this.monitoringRole(),
          }
        : {}),
    };
    this.instance = new DatabaseInstance(this, 'Instance', {
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
      cloudwatchLogsExports: ['error', 'slowquery'],
      parameterGroup: new ParameterGroup(this, 'Parameters', { engine, parameters: { ...parameters } }),
    });
    this.instance.node.addDependency(errors, slowQueries);
    if (!disposable) {
      // The database outlives the stack, and the login of its administrator with it.
      const secret = this.instance.node.findChild('Secret') as DatabaseSecret;
      secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
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
    if (settings.hasReplica) {
      this.replica = new DatabaseInstanceReadReplica(this, 'Replica', {
        ...shared,
        sourceDatabaseInstance: this.instance,
        preferredMaintenanceWindow: quietHours.replica,
        // Encrypted as its source is; saying so is refused.
        removalPolicy: RemovalPolicy.DESTROY,
        deletionProtection: false,
        parameterGroup: this.replicaParameters(),
      });
      acknowledgePort(this.replica, 'AwsSolutions-RDS11');
      Validations.of(this.replica).acknowledge(
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
    }
  }

  /** Writes what the host tells into CloudWatch Logs, for instance and replica. */
  private monitoringRole(): Role {
    const role = new Role(this, 'Monitoring', {
      assumedBy: new ServicePrincipal('monitoring.rds.amazonaws.com'),
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonRDSEnhancedMonitoringRole'),
      ],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole]',
      reason: "AWS's own policy for the role with which RDS writes enhanced monitoring.",
    });
    return role;
  }

  private replicaParameters(): ParameterGroup {
    return new ParameterGroup(this, 'ReplicaParameters', { engine, parameters: { ...parameters } });
  }
}
