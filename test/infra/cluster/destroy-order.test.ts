import { expect } from 'chai';
import type { Resource } from '../../support/observe/synthesised-stage.ts';
import { objectsOf, type SynthesisedCluster, synthesisedCluster } from './synthesised-cluster.ts';

/** Logical ids of the same stack on which a resource depends directly. */
function neededBy(resource: Resource, ids: ReadonlySet<string>): string[] {
  const references = [...JSON.stringify(resource.Properties).matchAll(/"(\w+)"/g)].map(([, id = '']) => id);
  return [...references, ...[resource.DependsOn ?? []].flat()].filter((id) => ids.has(id));
}

/**
 * Whether CloudFormation deletes `first` before `second`: in one stack because it depends on it, and between
 * stacks because the stacks do.
 */
function isDeletedBefore(cluster: SynthesisedCluster, first: Resource, second: Resource): boolean {
  if (first.stack !== second.stack) return stackNeeds(cluster, first.stack, second.stack);
  const inStack = cluster.resources.filter(({ stack }) => stack === first.stack);
  const byId = new Map(inStack.map((resource) => [resource.logicalId, resource]));
  const ids = new Set(byId.keys());
  const seen = new Set<string>();
  const visit = (resource: Resource): boolean =>
    neededBy(resource, ids).some((id) => {
      if (id === second.logicalId) return true;
      const needed = byId.get(id);
      if (needed === undefined || seen.has(id)) return false;
      seen.add(id);
      return visit(needed);
    });
  return visit(first);
}

function stackNeeds(cluster: SynthesisedCluster, stack: string, needed: string): boolean {
  const direct = cluster.dependenciesOf(stack);
  return direct.includes(needed) || direct.some((one) => stackNeeds(cluster, one, needed));
}

// What a controller has made must go while the controller runs. Otherwise a balancer or a network interface
// stays behind, holds the subnets, and `cdk destroy` fails after an hour.
describe('cdk destroy of the cluster', () => {
  let cluster: SynthesisedCluster;
  let manifestOf: (kind: string) => Resource;

  before(async () => {
    cluster = await synthesisedCluster('production');
    const manifests = cluster.ofType('Custom::AWSCDK-EKS-KubernetesResource');
    manifestOf = (kind) => {
      const found = manifests.find((one) => objectsOf(one).some((object) => object.kind === kind));
      if (found === undefined) throw new Error(`no manifest has a ${kind}`);
      return found;
    };
  });

  const expectOrder = (...resources: Resource[]) => {
    for (const [index, first] of resources.slice(0, -1).entries()) {
      const second = resources[index + 1] as Resource;
      const order = `${first.logicalId} before ${second.logicalId}`;
      expect(isDeletedBefore(cluster, first, second), order).to.equal(true);
      expect(isDeletedBefore(cluster, second, first), `not ${order}`).to.equal(false);
    }
  };

  it('removes pods, then the Ingress with its balancer, then the nodes, then the cluster', () => {
    expectOrder(
      manifestOf('Deployment'),
      manifestOf('Ingress'),
      manifestOf('Namespace'),
      manifestOf('NodePool'),
      manifestOf('NodeClass'),
      cluster.one('AWS::EKS::AccessEntry', 'EksNodeAccess'),
      cluster.one('AWS::EKS::Cluster'),
    );
  });

  it('removes the Ingress while its class, its parameters and the controller exist', () => {
    expectOrder(
      manifestOf('Ingress'),
      manifestOf('IngressClass'),
      manifestOf('IngressClassParams'),
      cluster.one('AWS::EKS::Cluster'),
    );
  });

  it('removes the distribution before its balancer, and the balancer before its security group', () => {
    expectOrder(
      cluster.one('AWS::CloudFront::Distribution'),
      cluster.one('Custom::AWSCDK-EKS-KubernetesObjectValue', 'IngressHostName'),
      manifestOf('Ingress'),
      cluster.one('AWS::EC2::SecurityGroup', 'IngressAccess'),
    );
  });

  it('removes the add-ons, whose pods hold nodes, before the nodes', () => {
    for (const id of ['AddOnsObservability', 'AddOnsMetricsServer'])
      expectOrder(cluster.one('AWS::EKS::Addon', id), manifestOf('NodePool'));
  });

  it('removes the role of the nodes after the class that made its instance profile', () => {
    expectOrder(manifestOf('NodeClass'), cluster.one('AWS::IAM::Role', 'EksNodeRole'));
  });

  it('removes the network last', () => {
    for (const stack of ['Workloads', 'Edge', 'Cluster', 'Events', 'Data', 'Image'])
      expect(stackNeeds(cluster, stack, 'Network'), stack).to.equal(true);
  });
});
