import { expect } from 'chai';
import { orderEventsTopic } from '../../../app/contract/order-events-topic.ts';
import { dataPlatformVariables } from '../../../app/config/data-platform.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { type SynthesisedCluster, synthesisedCluster } from './synthesised-cluster.ts';

const DAY_S = 86_400;

for (const name of stageNames)
  describe(`the servers of the cluster of ${name}`, function () {
    let cluster: SynthesisedCluster;

    before(async () => {
      cluster = await synthesisedCluster(name);
    });

    it('let nobody into Kafka but by IAM and TLS, from inside the network', () => {
      const { Properties } = cluster.one('AWS::MSK::Cluster');
      expect(Properties['ClientAuthentication']).to.deep.equal({
        Sasl: { Iam: { Enabled: true } },
        Unauthenticated: { Enabled: false },
      });
      expect(Properties['EncryptionInfo']['EncryptionInTransit']).to.deep.equal({
        ClientBroker: 'TLS',
        InCluster: true,
      });
      const { ConnectivityInfo, ClientSubnets } = Properties['BrokerNodeGroupInfo'];
      expect(ConnectivityInfo.PublicAccess.Type).to.equal('DISABLED');
      expect(ClientSubnets).to.have.length(cluster.settings.shared.network.zones);
      expect(Properties['LoggingInfo']['BrokerLogs']['CloudWatchLogs']['Enabled']).to.equal(true);
    });

    it('create the topics of the contract, with replicas and retention', () => {
      const { kafka } = cluster.settings;
      const topics = cluster.ofType('AWS::MSK::Topic').map(({ Properties }) => ({
        name: Properties['TopicName'] as string,
        partitions: Properties['PartitionCount'] as number,
        replicas: Properties['ReplicationFactor'] as number,
        configs: Buffer.from(Properties['Configs'] as string, 'base64')
          .toString()
          .split('\n'),
      }));
      expect(topics.map((topic) => topic.name)).to.have.members([
        orderEventsTopic.name,
        orderEventsTopic.deadLetterName,
      ]);
      for (const topic of topics) {
        expect(topic.replicas).to.equal(kafka.replicationFactor);
        expect(topic.configs).to.include.members([
          `retention.ms=${14 * DAY_S * 1000}`,
          `min.insync.replicas=${kafka.minInsyncReplicas}`,
        ]);
      }
      expect(topics.find((topic) => topic.name === orderEventsTopic.name)?.partitions).to.equal(
        kafka.partitions,
      );
    });

    it('keep an event and its dead letter for less time than the inbox remembers it', () => {
      const { INBOX_RETENTION_DAYS } = dataPlatformVariables.parse({});
      const { retentionS, deadLetterRetentionS } = orderEventsTopic;
      expect(retentionS + deadLetterRetentionS).to.be.lessThan(INBOX_RETENTION_DAYS * DAY_S);
    });

    it('never elect a broker that was behind, and make no topic by accident', () => {
      const { ServerProperties } = cluster.one('AWS::MSK::Configuration').Properties;
      const text = JSON.stringify(ServerProperties);
      for (const line of ['unclean.leader.election.enable=false', 'auto.create.topics.enable=false']) {
        const encoded = Buffer.from(line).toString('base64').slice(0, -4);
        expect(text.includes(line) || text.includes(encoded), line).to.equal(true);
      }
    });

    it('let a sender only write, the API send dead letters back, and the consumer read and refuse', () => {
      const actionsOf = (id: string) =>
        cluster
          .ofType('AWS::IAM::Policy', 'Workloads')
          .filter(({ logicalId }) => logicalId.startsWith(id))
          .flatMap(({ Properties }) => Properties['PolicyDocument']['Statement'])
          .flatMap(({ Action, Resource }: { Action: string | string[]; Resource: unknown }) =>
            [Action]
              .flat()
              .filter((action) => action.startsWith('kafka-cluster:'))
              .map((action) => {
                const [, of = '', target = ''] =
                  /(topic|group)\/[^"]*?\/\*\/([\w.-]+)/.exec(JSON.stringify(Resource)) ?? [];
                return `${action.replace('kafka-cluster:', '')} ${of} ${target}`.trim();
              }),
          );
      const writes = ['Connect', 'DescribeTopic topic order-events', 'WriteData topic order-events'];
      expect(actionsOf('Api')).to.have.members([
        ...writes,
        'DescribeTopic topic order-events.dead-letter',
        'ReadData topic order-events.dead-letter',
        'DescribeGroup group statistics',
        'DescribeGroup group statistics.redrive',
        'AlterGroup group statistics.redrive',
      ]);
      expect(actionsOf('Worker')).to.have.members(writes);
      expect(actionsOf('DataPlatform')).to.have.members([
        'Connect',
        'DescribeTopic topic order-events',
        'ReadData topic order-events',
        'DescribeTopic topic order-events.dead-letter',
        'WriteData topic order-events.dead-letter',
        'DescribeGroup group statistics',
        'AlterGroup group statistics',
      ]);
      expect(actionsOf('Migration')).to.deep.equal([]);
    });

    it('are two Valkey groups with replicas over zones: one evicts, the other never', () => {
      const groups = cluster.ofType('AWS::ElastiCache::ReplicationGroup');
      expect(groups).to.have.length(2);
      for (const { Properties } of groups)
        expect(Properties).to.include({
          Engine: 'valkey',
          TransitEncryptionEnabled: true,
          AtRestEncryptionEnabled: true,
          MultiAZEnabled: true,
          AutomaticFailoverEnabled: true,
        });
      const policies = cluster
        .ofType('AWS::ElastiCache::ParameterGroup')
        .map(({ Properties }) => Properties['Properties']['maxmemory-policy']);
      expect(policies).to.have.members(['noeviction', 'allkeys-lru']);
    });

    it('have room for every pod, NAT, and a database that survives as in the other shape', () => {
      const { zones, natGateways } = cluster.settings.shared.network;
      expect(cluster.ofType('AWS::EC2::Subnet')).to.have.length(3 * zones);
      expect(cluster.ofType('AWS::EC2::NatGateway')).to.have.length(natGateways);
      const [writer] = cluster.ofType('AWS::RDS::DBInstance');
      expect(writer?.Properties['MultiAZ']).to.equal(name === 'production');
      for (const kind of ['public', 'private']) {
        const role = kind === 'public' ? 'elb' : 'internal-elb';
        const tagged = cluster
          .ofType('AWS::EC2::Subnet')
          .filter(({ Properties }) =>
            JSON.stringify(Properties['Tags']).includes(`kubernetes.io/role/${role}"`),
          );
        expect(tagged, kind).to.have.length(zones);
      }
    });
  });
