import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Connections, type IConnectable, type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnParameterGroup, CfnReplicationGroup, CfnSubnetGroup } from 'aws-cdk-lib/aws-elasticache';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { QuietHours } from './quiet-hours.ts';
import type { StageSettings } from '../settings/stage-settings.ts';
import { acknowledgePort } from './acknowledge-port.ts';

export interface RedisStoreProps {
  readonly vpc: IVpc;
  readonly stage: string;
  /** `state` holds sessions, carts and counters and never evicts; `cache` may evict. */
  readonly role: 'state' | 'cache';
  readonly settings: StageSettings['redis'];
  readonly disposable: boolean;
  /** Topic for ElastiCache's reports of failovers and maintenance. */
  readonly events: ITopic;
  readonly quietHours: QuietHours;
}

const PORT = 6379;
/** ElastiCache's last version of Redis, and the series of Valkey that it has offered since 2024. */
const engines = {
  redis: { version: '7.1', family: 'redis7' },
  valkey: { version: '8.1', family: 'valkey8' },
} as const;

/** A replication group of ElastiCache in the isolated subnets, with encryption and a token. */
export class RedisStore extends Construct implements IConnectable {
  readonly connections: Connections;
  readonly token: Secret;
  readonly host: string;
  readonly port = PORT;
  /** Ids of the nodes in metrics; any of them may be the primary. */
  readonly nodeIds: readonly string[];

  constructor(scope: Construct, id: string, props: RedisStoreProps) {
    super(scope, id);
    const { vpc, role, stage, settings } = props;
    const securityGroup = new SecurityGroup(this, 'Access', { vpc, allowAllOutbound: false });
    this.connections = new Connections({ securityGroups: [securityGroup], defaultPort: Port.tcp(PORT) });
    this.token = new Secret(this, 'Token', {
      secretName: `rowlock/${stage}/redis-${role}`,
      // ElastiCache allows 16 to 128 characters and little punctuation.
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: props.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this.token).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'ElastiCache does not rotate its token; the runbook changes it with two valid tokens.',
    });
    const hasReplica = settings.replicas > 0;
    const replicationGroupId = `rowlock-${stage}-${role}`;
    this.nodeIds = Array.from(
      { length: settings.replicas + 1 },
      (_, index) => `${replicationGroupId}-00${index + 1}`,
    );
    const group = new CfnReplicationGroup(this, 'Group', {
      replicationGroupId,
      replicationGroupDescription: `Rowlock ${stage}: ${role}`,
      engine: settings.engine,
      engineVersion: engines[settings.engine].version,
      cacheNodeType: `cache.${settings.nodeType}`,
      cacheParameterGroupName: new CfnParameterGroup(this, 'Parameters', {
        cacheParameterGroupFamily: engines[settings.engine].family,
        description: `Rowlock ${stage}: ${role}`,
        properties: {
          // A full state rejects new sessions, carts and counters and loses none; a full cache evicts the
          // oldest keys.
          'maxmemory-policy': role === 'state' ? 'noeviction' : 'allkeys-lru',
        },
      }).ref,
      cacheSubnetGroupName: new CfnSubnetGroup(this, 'Subnets', {
        description: `Rowlock ${stage}: ${role}`,
        subnetIds: vpc.selectSubnets({ subnetGroupName: 'isolated' }).subnetIds,
      }).ref,
      securityGroupIds: [securityGroup.securityGroupId],
      port: PORT,
      notificationTopicArn: props.events.topicArn,
      numNodeGroups: 1,
      replicasPerNodeGroup: settings.replicas,
      automaticFailoverEnabled: hasReplica,
      multiAzEnabled: hasReplica,
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      // CloudFormation resolves the value, so no template contains it.
      authToken: this.token.secretValue.unsafeUnwrap(),
      autoMinorVersionUpgrade: true,
      preferredMaintenanceWindow: props.quietHours.redis[role],
      ...(role === 'state' ? { snapshotWindow: props.quietHours.redisSnapshot } : {}),
      // A cache is not worth a snapshot.
      snapshotRetentionLimit: role === 'state' ? settings.snapshotDays : 0,
    });
    // ElastiCache drops a topic that it may not publish to yet.
    group.node.addDependency(props.events);
    // Deleting the group leaves a snapshot with sessions and carts.
    if (role === 'state' && !props.disposable) group.applyRemovalPolicy(RemovalPolicy.SNAPSHOT);
    this.host = group.attrPrimaryEndPointAddress;
    acknowledgePort(group, 'AwsSolutions-AEC5');
    if (!hasReplica) {
      Validations.of(group).acknowledge({
        id: 'AwsSolutions-AEC4',
        reason: 'Chosen for the stage minimal: losing its one node logs every user out and loses no order.',
      });
    }
  }
}
