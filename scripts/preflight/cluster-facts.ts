import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeClusterVersionsCommand, EKSClient, paginateListClusters } from '@aws-sdk/client-eks';
import { KafkaClient, paginateListClustersV2, paginateListKafkaVersions } from '@aws-sdk/client-kafka';
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { kubernetesVersion } from '../../lib/settings/kubernetes-version.ts';
import { client, type Fact, fact, type Leftover, readSecrets } from './account-facts.ts';

/** What an account has of EKS and MSK. */
export interface ClusterFacts {
  /** Names of all EKS clusters in the region. */
  readonly clusters: Fact<readonly string[]>;
  readonly clusterQuota: Fact<number>;
  /** Such as `STANDARD_SUPPORT`; undefined if EKS does not know the version. */
  readonly kubernetesSupport: Fact<string | undefined>;
  /** Versions of Kafka that a new cluster may have. */
  readonly kafkaVersions: Fact<readonly string[]>;
  /** Brokers by cluster name. */
  readonly brokers: Fact<ReadonlyMap<string, number>>;
  readonly brokerQuota: Fact<number>;
  readonly logGroups: Fact<Leftover>;
  /** The key of the origin, the only secret that the stacks of this shape alone create. */
  readonly originKey: Fact<Leftover>;
}

/** Reads the account without changing anything. Never throws: what could not be read is in the facts. */
export async function readCluster(region: string, stage: string): Promise<ClusterFacts> {
  const eks = new EKSClient({ ...client, region });
  const kafka = new KafkaClient({ ...client, region });
  const quotas = new ServiceQuotasClient({ ...client, region });
  const quota = (what: string, service: string, name: RegExp) =>
    fact(`quota of ${what}`, () => readQuota(quotas, service, name));
  return {
    clusters: await fact('EKS clusters', async () => {
      const names: string[] = [];
      for await (const { clusters = [] } of paginateListClusters({ client: eks }, {}))
        names.push(...clusters);
      return names;
    }),
    clusterQuota: await quota('EKS clusters', 'eks', /^Clusters$/i),
    kubernetesSupport: await fact('Kubernetes versions', async () => {
      const clusterVersions = [kubernetesVersion.version];
      const answer = await eks.send(new DescribeClusterVersionsCommand({ clusterVersions }));
      const known = answer.clusterVersions?.find(
        ({ clusterVersion }) => clusterVersions[0] === clusterVersion,
      );
      return known?.versionStatus;
    }),
    kafkaVersions: await fact('versions of Kafka', async () => {
      const versions: string[] = [];
      for await (const { KafkaVersions = [] } of paginateListKafkaVersions({ client: kafka }, {})) {
        for (const { Version = '', Status } of KafkaVersions) if (Status === 'ACTIVE') versions.push(Version);
      }
      return versions;
    }),
    brokers: await fact('brokers of MSK', async () => {
      const brokers = new Map<string, number>();
      for await (const { ClusterInfoList = [] } of paginateListClustersV2({ client: kafka }, {})) {
        for (const { ClusterName = '', Provisioned } of ClusterInfoList)
          brokers.set(ClusterName, Provisioned?.NumberOfBrokerNodes ?? 0);
      }
      return brokers;
    }),
    brokerQuota: await quota('brokers of MSK', 'kafka', /brokers per account/i),
    logGroups: await fact('log groups', () => readLogGroups(region, stage)),
    originKey: await fact("the origin's key", () =>
      readSecrets(region, `rowlock/${stage}/origin-key`, `Rowlock-${stage}-Edge`),
    ),
  };
}

/** Found by its name: MSK documents no codes of its quotas. */
async function readQuota(quotas: ServiceQuotasClient, ServiceCode: string, name: RegExp): Promise<number> {
  for await (const { Quotas = [] } of paginateListServiceQuotas({ client: quotas }, { ServiceCode })) {
    const found = Quotas.find(({ QuotaName = '' }) => name.test(QuotaName));
    if (found?.Value !== undefined) return found.Value;
  }
  throw new Error(`Service Quotas lists none of the name ${name.source}`);
}

/** EKS writes its log again while it is being deleted, so its group outlives the stack. */
async function readLogGroups(region: string, stage: string): Promise<Leftover> {
  const logs = new CloudWatchLogsClient({ ...client, region });
  const logGroupNamePrefix = `/aws/eks/rowlock-${stage}/`;
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix }));
  return {
    stack: `Rowlock-${stage}-Cluster`,
    names: logGroups.map(({ logGroupName = '' }) => `log group ${logGroupName}`),
  };
}
