import type { ClusterSettings } from '../../lib/settings/cluster-settings.ts';
import { kubernetesVersion } from '../../lib/settings/kubernetes-version.ts';
import type { ClusterFacts } from './cluster-facts.ts';
import { check, type Finding, judge, judgeLeftover, ok, wrong } from './findings.ts';

/** What the account lacks for EKS and MSK. Pure: readCluster has read `facts`. */
export function judgeCluster(
  facts: ClusterFacts,
  { shared, kafka }: ClusterSettings,
  stacks: ReadonlyMap<string, string>,
): Finding[] {
  const name = `rowlock-${shared.name}`;
  const { version } = kubernetesVersion;
  const isNew = (stack: string) => !stacks.has(`Rowlock-${shared.name}-${stack}`);
  return [
    judge(facts.kubernetesSupport, (support) =>
      support === 'STANDARD_SUPPORT'
        ? ok(`EKS supports Kubernetes ${version}`)
        : wrong(
            `Kubernetes ${version} is ${support ?? 'unknown to EKS'}: set another version in ` +
              'lib/settings/kubernetes-version.ts',
          ),
    ),
    judge(facts.kafkaVersions, (versions) =>
      versions.includes(kafka.version)
        ? ok(`MSK offers Kafka ${kafka.version}`)
        : wrong(`MSK offers no Kafka ${kafka.version}, but ${versions.join(', ')}`),
    ),
    check(
      `MSK: no API says whether kafka.${kafka.brokerType} is offered with ${kafka.version} in every zone`,
    ),
    ...(isNew('Cluster') ? [judgeClusters(facts, name)] : []),
    ...(isNew('Events') ? [judgeBrokers(facts, name, kafka.brokers)] : []),
    ...[facts.logGroups, facts.originKey].map((fact) =>
      judge(fact, (leftover) => judgeLeftover(leftover, stacks)),
    ),
  ];
}

function judgeClusters({ clusters, clusterQuota }: ClusterFacts, name: string): Finding {
  return judge(clusters, (names) => {
    if (names.includes(name)) return wrong(`EKS cluster ${name} exists without its stack: delete it`);
    return judge(clusterQuota, (limit) => {
      const text = `EKS clusters: ${names.length} of ${limit} used, 1 needed`;
      return names.length < limit ? ok(text) : wrong(`${text}: request an increase (Service Quotas, EKS)`);
    });
  });
}

function judgeBrokers({ brokers, brokerQuota }: ClusterFacts, name: string, needed: number): Finding {
  return judge(brokers, (byCluster) => {
    if (byCluster.has(name)) return wrong(`MSK cluster ${name} exists without its stack: delete it`);
    const used = [...byCluster.values()].reduce((sum, each) => sum + each, 0);
    return judge(brokerQuota, (limit) => {
      const text = `brokers of MSK: ${used} of ${limit} used, ${needed} needed`;
      return used + needed <= limit ? ok(text) : wrong(`${text}: request an increase (Service Quotas, MSK)`);
    });
  });
}
