import type { ClusterSettings } from '../settings/cluster-settings.ts';
import type { ConfigMap, Namespace, NodeClass, NodePool } from './kubernetes-types.ts';
import { namespace, nodePoolName, poolLabel } from './names.ts';

/** Annotation of the pool: nodes that the smallest number of pods needs. */
const nodesExpected = 'rowlock.dev/nodes-expected';

export interface NodeObjectsOptions {
  readonly roleName: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly stage: string;
  readonly settings: ClusterSettings['nodes'];
}

/**
 * Nodes live 14 days, so that none runs an old image for longer. Auto Mode's own limit is 21 days. A drain
 * that a budget blocks is forced after an hour.
 */
const NODE_LIFE = '336h';
const DRAIN_MAX = '1h';

/** Where nodes start: private subnets, the cluster's security group, a small disk, network policies on. */
export function nodeClass(options: NodeObjectsOptions): NodeClass {
  return {
    apiVersion: 'eks.amazonaws.com/v1',
    kind: 'NodeClass',
    metadata: { name: nodePoolName },
    spec: {
      role: options.roleName,
      subnetSelectorTerms: options.subnetIds.map((id) => ({ id })),
      securityGroupSelectorTerms: [{ id: options.securityGroupId }],
      // The default of 80 GiB would cost four times as much.
      ephemeralStorage: { size: `${options.settings.diskGib}Gi` },
      // The add-ons have no policies; the namespace of the app has one that denies the rest.
      networkPolicy: 'DefaultAllow',
      networkPolicyEventLogs: 'Enabled',
      tags: { 'rowlock:stage': options.stage },
    },
  };
}

/** Arm nodes of our own: the built-in general-purpose pool starts only x86 ones. */
export function nodePool({ settings }: NodeObjectsOptions): NodePool {
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    // The cost estimate reads the number: a pool has no size of its own.
    metadata: { name: nodePoolName, annotations: { [nodesExpected]: `${settings.expected}` } },
    spec: {
      template: {
        metadata: { labels: poolLabel },
        spec: {
          nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: nodePoolName },
          requirements: [
            { key: 'kubernetes.io/arch', operator: 'In', values: ['arm64'] },
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
            {
              key: 'node.kubernetes.io/instance-type',
              operator: 'In',
              values: [...settings.instanceTypes],
            },
          ],
          expireAfter: NODE_LIFE,
          terminationGracePeriod: DRAIN_MAX,
        },
      },
      disruption: {
        consolidationPolicy: 'WhenEmptyOrUnderutilized',
        // Longer than a rolling update, which needs its additional nodes for a while.
        consolidateAfter: '10m',
        budgets: [{ nodes: '1' }],
      },
      limits: { cpu: `${settings.coresMax}` },
    },
  };
}

/** Turns on Auto Mode's network policy controller; without it policies are accepted and do nothing. */
export const networkPolicyController: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
  data: { 'enable-network-policy-controller': 'true' },
};

/** The app's namespace: the API server rejects a pod that could become root or change its image. */
export function appNamespace(version: string): Namespace {
  const standard = 'restricted';
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        'pod-security.kubernetes.io/enforce': standard,
        'pod-security.kubernetes.io/enforce-version': `v${version}`,
        'pod-security.kubernetes.io/audit': standard,
        'pod-security.kubernetes.io/warn': standard,
        // A new pod counts as ready only after its target is healthy. Auto Mode's manual does not say which
        // of the two names it reads; minReadySeconds covers the time if it reads neither.
        'eks.amazonaws.com/pod-readiness-gate-inject': 'enabled',
        'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled',
      },
    },
  };
}
