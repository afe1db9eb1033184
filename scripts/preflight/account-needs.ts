import type { ClusterSettings } from '../../lib/settings/cluster-settings.ts';
import type { StageSettings } from '../../lib/settings/stage-settings.ts';

/** What a deployment takes of an account. */
export interface AccountNeeds {
  readonly settings: StageSettings;
  /** EC2 must offer a type of each list in every zone. */
  readonly instanceTypes: readonly (readonly string[])[];
  /** vCPUs that a release needs, and that the full size needs. */
  vcpus(of: (instanceType: string) => number): { duringRelease: number; atFullSize: number };
  /** API Gateway reaches the balancer by a VPC link, which some zones do not have. */
  readonly usesVpcLink: boolean;
  /** Undefined for instances. */
  readonly cluster: ClusterSettings | undefined;
}

export function needsOfInstances(settings: StageSettings): AccountNeeds {
  const { fleet, consumer } = settings;
  return {
    settings,
    instanceTypes: [...new Set([fleet.instanceType, consumer.instanceType])].map((type) => [type]),
    vcpus: (of) => {
      const needed = (instances: number, consumers: number) =>
        instances * of(fleet.instanceType) + consumers * of(consumer.instanceType);
      return {
        duringRelease: needed(fleet.instancesMin + 1, consumer.instances + 1),
        atFullSize: needed(fleet.instancesMax, consumer.instances + 1),
      };
    },
    usesVpcLink: true,
    cluster: undefined,
  };
}

export function needsOfCluster(cluster: ClusterSettings): AccountNeeds {
  const { instanceTypes, expected, coresMax } = cluster.nodes;
  return {
    settings: cluster.shared,
    instanceTypes: [instanceTypes],
    // A node more than usual while the pods of a release start beside the old ones.
    vcpus: (of) => ({ duringRelease: (expected + 1) * of(instanceTypes[0] ?? ''), atFullSize: coresMax }),
    usesVpcLink: false,
    cluster,
  };
}
