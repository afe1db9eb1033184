import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Connections, type IConnectable, type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnCluster, CfnConfiguration, CfnTopic } from 'aws-cdk-lib/aws-msk';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';
import { acknowledgeAwsCalls } from '../functions/acknowledge-aws-calls.ts';
import { logRetention } from '../observability/log-retention.ts';
import type { ClusterSettings } from '../settings/cluster-settings.ts';

export interface KafkaClusterProps {
  readonly vpc: IVpc;
  readonly settings: ClusterSettings;
  /** Deletes the cluster with the stack, and the events in it. */
  readonly disposable: boolean;
}

/** TLS with IAM (Amazon MSK Developer Guide, "Port information"). */
const IAM_PORT = 9098;

/**
 * MSK: brokers in the isolated subnets of every zone, IAM as the only way in, TLS everywhere, and the topics
 * of app/contract/order-events-topic.ts. A client names a broker, so nothing but a client's group reaches it.
 */
export class KafkaCluster extends Construct implements IConnectable {
  readonly connections: Connections;
  readonly clusterName: string;
  readonly clusterArn: string;
  /** Hosts and ports for IAM. CloudFormation has no attribute for it, so a function asks MSK. */
  readonly brokers: string;
  /** Exist before a client may use them. */
  readonly topics: readonly CfnTopic[];

  constructor(scope: Construct, id: string, { vpc, settings, disposable }: KafkaClusterProps) {
    super(scope, id);
    const { name: stage, logDays } = settings.shared;
    const { kafka } = settings;
    this.clusterName = `rowlock-${stage}`;
    const group = new SecurityGroup(this, 'Access', { vpc, allowAllOutbound: false });
    this.connections = new Connections({ securityGroups: [group], defaultPort: Port.tcp(IAM_PORT) });
    const log = new LogGroup(this, 'Log', {
      logGroupName: `/rowlock/${stage}/kafka`,
      retention: logRetention(logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const configuration = new CfnConfiguration(this, 'Configuration', {
      name: this.clusterName,
      kafkaVersionsList: [kafka.version],
      serverProperties: serverProperties(kafka),
    });
    const cluster = new CfnCluster(this, 'Cluster', {
      clusterName: this.clusterName,
      kafkaVersion: kafka.version,
      numberOfBrokerNodes: kafka.brokers,
      brokerNodeGroupInfo: {
        instanceType: `kafka.${kafka.brokerType}`,
        clientSubnets: vpc.selectSubnets({ subnetGroupName: 'isolated' }).subnetIds,
        securityGroups: [group.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: kafka.storageGb } },
        connectivityInfo: { publicAccess: { type: 'DISABLED' } },
      },
      configurationInfo: { arn: configuration.attrArn, revision: 1 },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      // Data at rest uses the key of MSK in this account.
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      enhancedMonitoring: 'PER_BROKER',
      loggingInfo: {
        brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: log.logGroupName } },
      },
    });
    cluster.addPropertyOverride(
      'ConfigurationInfo.Revision',
      configuration.getAtt('LatestRevision.Revision'),
    );
    if (!disposable) cluster.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    this.clusterArn = cluster.attrArn;
    this.topics = this.addTopics(kafka);
    this.brokers = this.findBrokers();
  }

  private addTopics(kafka: ClusterSettings['kafka']): CfnTopic[] {
    const { name, deadLetterName, retentionS, deadLetterRetentionS } = orderEventsTopic;
    const topic = (id: string, topicName: string, partitionCount: number, keptS: number) =>
      new CfnTopic(this, id, {
        clusterArn: this.clusterArn,
        topicName,
        partitionCount,
        replicationFactor: kafka.replicationFactor,
        configs: Buffer.from(
          [
            `retention.ms=${keptS * 1000}`,
            `min.insync.replicas=${kafka.minInsyncReplicas}`,
            'cleanup.policy=delete',
          ].join('\n'),
        ).toString('base64'),
      });
    const events = topic('OrderEvents', name, kafka.partitions, retentionS);
    const deadLetters = topic('DeadLetters', deadLetterName, 1, deadLetterRetentionS);
    // MSK changes one topic of a cluster at a time.
    deadLetters.addResourceDependency(events);
    return [events, deadLetters];
  }

  private findBrokers(): string {
    const field = 'BootstrapBrokerStringSaslIam';
    const call = {
      service: 'Kafka',
      action: 'getBootstrapBrokers',
      parameters: { ClusterArn: this.clusterArn },
      physicalResourceId: PhysicalResourceId.of('brokers'),
      outputPaths: [field],
    };
    const lookup = new AwsCustomResource(this, 'Brokers', {
      onCreate: call,
      onUpdate: call,
      installLatestAwsSdk: false,
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({ actions: ['kafka:GetBootstrapBrokers'], resources: [this.clusterArn] }),
      ]),
    });
    lookup.node.addDependency(...this.topics);
    acknowledgeAwsCalls(this);
    return lookup.getResponseField(field);
  }

  /** ARN of a topic or a consumer group, for policies. */
  arnOf(kind: 'topic' | 'group', name: string): string {
    const { partition, region, account } = Stack.of(this);
    // The last part of the cluster's ARN is an id that is unknown before the cluster exists.
    return `arn:${partition}:kafka:${region}:${account}:${kind}/${this.clusterName}/*/${name}`;
  }
}

function serverProperties({ replicationFactor, minInsyncReplicas }: ClusterSettings['kafka']): string {
  return [
    // A misspelt topic fails instead of getting one partition.
    'auto.create.topics.enable=false',
    `default.replication.factor=${replicationFactor}`,
    `min.insync.replicas=${minInsyncReplicas}`,
    // An acknowledged event is never lost to a broker that was behind.
    'unclean.leader.election.enable=false',
    `offsets.topic.replication.factor=${replicationFactor}`,
    // An empty group keeps its place for as long as the topic keeps an event.
    `offsets.retention.minutes=${orderEventsTopic.retentionS / 60}`,
  ].join('\n');
}
