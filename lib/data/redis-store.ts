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
  /** What it holds; `state` never evicts. */
  readonly role: 'state' | 'cache';
  readonly settings: StageSettings['redis'];
  readonly disposable: boolean;
  /** Where ElastiCache reports failovers and maintenance. */
  readonly events: ITopic;
  readonly quietHours: QuietHours;
}

const PORT = 6379;
/** ElastiCache's last version of Redis, and the series of Valkey that it offers since 2024. */
const engines = {
  redis: { version: '7.1', family: 'redis7' },
  valkey: { version: '8.1', family: 'valkey8' },
} as const;

/** One replication group of ElastiCache: encrypted, with a token, in the isolated subnets. */
export class RedisStore extends Construct implements IConnectable {
  readonly connections: Connections;
  readonly token: Secret;
  readonly host: string;
  readonly port = PORT;
  /** Its nodes, as metrics know them: any of them may be the primary one. */
  readonly nodeIds: readonly string[];

  constructor(scope: Construct, id: string, props: RedisStoreProps) {
    super(scope, id);
    const { vpc, role, stage, settings } = props;
    const securityGroup = new SecurityGroup(this, 'Access', { vpc, allowAllOutbound: false });
    this.connections = new Connections({ securityGroups: [securityGroup], defaultPort: Port.tcp(PORT) });
    this.token = new Secret(this, 'Token', {
      secretName: `rowlock/${stage}/redis-${role}`,
      // ElastiCache takes 16 to 128 characters and few signs.
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: props.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    Validations.of(this.token).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'ElastiCache has no rotation of its token; the runbook changes it with two valid tokens.',
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
          // Sessions, carts and counters are refused rather than lost; the cache forgets its oldest.
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
      // Resolved by CloudFormation, so that it stands in no template.
      authToken: this.token.secretValue.unsafeUnwrap(),
      autoMinorVersionUpgrade: true,
      preferredMaintenanceWindow: props.quietHours.redis[role],
      ...(role === 'state' ? { snapshotWindow: props.quietHours.redisSnapshot } : {}),
      // A cache is not worth a snapshot.
      snapshotRetentionLimit: role === 'state' ? settings.snapshotDays : 0,
    });
    // ElastiCache gives up a topic that it may not publish to yet.
    group.node.addDependency(props.events);
    // Sessions and carts are in the snapshot that deleting the group leaves.
    if (role === 'state' && !props.disposable) group.applyRemovalPolicy(RemovalPolicy.SNAPSHOT);
    this.host = group.attrPrimaryEndPointAddress;
    acknowledgePort(group, 'AwsSolutions-AEC5');
    if (!hasReplica) {
      Validations.of(group).acknowledge({
        id: 'AwsSolutions-AEC4',
        reason: 'The stage minimal says so: the loss of its one node logs everybody out and loses no order.',
      });
    }
  }
}
