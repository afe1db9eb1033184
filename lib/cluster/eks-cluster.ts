import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  AccessEntry,
  AccessEntryType,
  AccessPolicy,
  AccessScopeType,
  CfnCluster,
  Cluster,
  ClusterLoggingTypes,
  DefaultCapacityType,
  EndpointAccess,
  KubernetesManifest,
  KubernetesVersion,
  OidcProviderNative,
} from 'aws-cdk-lib/aws-eks-v2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logRetention } from '../observability/log-retention.ts';
import type { ClusterSettings } from '../settings/cluster-settings.ts';
import { kubernetesVersion } from '../settings/kubernetes-version.ts';
import { acknowledgeEks } from './acknowledge-eks.ts';
import type { KubernetesObject } from './kubernetes-types.ts';
import { appNamespace, networkPolicyController, nodeClass, nodePool } from './node-objects.ts';

export interface EksClusterProps {
  readonly vpc: IVpc;
  readonly settings: ClusterSettings;
  /** IAM role of the operators; if undefined, only the deployment may use kubectl. */
  readonly adminRoleArn: string | undefined;
}

const nodePolicies = ['AmazonEKSWorkerNodeMinimalPolicy', 'AmazonEC2ContainerRegistryPullOnly'];

/**
 * EKS in Auto Mode: AWS runs the nodes, the network and the load balancer controller. Its endpoint is
 * private: the deployment reaches it through a function in the VPC, operators through a CloudShell in it.
 */
export class EksCluster extends Construct {
  readonly cluster: Cluster;
  /** Lets service accounts assume roles. */
  readonly provider: OidcProviderNative;
  /** What pods need to exist: nodes, and the namespace. */
  readonly ready: Construct;

  constructor(scope: Construct, id: string, { vpc, settings, adminRoleArn }: EksClusterProps) {
    super(scope, id);
    const { name: stage, logDays } = settings.shared;
    const clusterName = `rowlock-${stage}`;
    const log = new LogGroup(this, 'Log', {
      // EKS would create a group of this name that never expires.
      logGroupName: `/aws/eks/${clusterName}/cluster`,
      retention: logRetention(logDays),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName,
      vpc,
      vpcSubnets: [{ subnetGroupName: 'private' }],
      version: KubernetesVersion.of(kubernetesVersion.version),
      defaultCapacityType: DefaultCapacityType.AUTOMODE,
      // None of the built-in pools: one starts x86 nodes, the other one more node for two add-ons.
      compute: { nodePools: [] },
      endpointAccess: EndpointAccess.PRIVATE,
      secretsEncryptionKey: new Key(this, 'SecretsKey', {
        description: `Secrets of the cluster ${clusterName}`,
        enableKeyRotation: true,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      clusterLogging: [
        ClusterLoggingTypes.API,
        ClusterLoggingTypes.AUDIT,
        ClusterLoggingTypes.AUTHENTICATOR,
        ClusterLoggingTypes.CONTROLLER_MANAGER,
        ClusterLoggingTypes.SCHEDULER,
      ],
      kubectlProviderOptions: { kubectlLayer: new KubectlV36Layer(this, 'Kubectl') },
    });
    const cluster = this.cluster.node.findAll().find((child) => child instanceof CfnCluster);
    if (cluster === undefined) throw new Error('the cluster has no resource');
    // The CDK has no property for it.
    cluster.addPropertyOverride('UpgradePolicy', { SupportType: 'STANDARD' });
    cluster.node.addDependency(log);
    this.provider = new OidcProviderNative(this, 'Provider', {
      url: this.cluster.clusterOpenIdConnectIssuerUrl,
    });
    if (adminRoleArn !== undefined) this.grantAdmin(adminRoleArn);
    this.ready = this.addNodes(vpc, settings);
    acknowledgeEks(this.cluster);
  }

  private grantAdmin(principal: string): void {
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new AccessEntry(this, 'Admin', {
      cluster: this.cluster,
      principal,
      accessPolicies: [
        AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', {
          accessScopeType: AccessScopeType.CLUSTER,
        }),
      ],
    });
  }

  /**
   * NodeClass and NodePool, in this order, and deleted in the opposite one while the cluster exists: deleting
   * the pool drains the nodes, and deleting the class removes the instance profile of the role.
   */
  private addNodes(vpc: IVpc, settings: ClusterSettings): Construct {
    const role = new Role(this, 'NodeRole', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: nodePolicies.map((name) => ManagedPolicy.fromAwsManagedPolicyName(name)),
    });
    Validations.of(role).acknowledge(
      ...nodePolicies.map((name) => ({
        id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`,
        reason: "AWS's own policies for nodes of Auto Mode: join the cluster and pull images.",
      })),
    );
    const join = new AccessEntry(this, 'NodeAccess', {
      cluster: this.cluster,
      principal: role.roleArn,
      accessEntryType: AccessEntryType.EC2,
      accessPolicies: [
        AccessPolicy.fromAccessPolicyName('AmazonEKSAutoNodePolicy', {
          accessScopeType: AccessScopeType.CLUSTER,
        }),
      ],
    });
    const options = {
      roleName: role.roleName,
      subnetIds: vpc.selectSubnets({ subnetGroupName: 'private' }).subnetIds,
      securityGroupId: this.cluster.clusterSecurityGroupId,
      stage: settings.shared.name,
      settings: settings.nodes,
    };
    // Auto Mode creates this object itself.
    const policies = this.manifest('NetworkPolicies', networkPolicyController, true);
    const where = this.manifest('NodeClass', nodeClass(options));
    where.node.addDependency(policies, join, role);
    const nodes = this.manifest('NodePool', nodePool(options));
    nodes.node.addDependency(where);
    const namespace = this.manifest('Namespace', appNamespace(kubernetesVersion.version));
    namespace.node.addDependency(nodes);
    return namespace;
  }

  private manifest(id: string, object: KubernetesObject, overwrite = false): KubernetesManifest {
    return new KubernetesManifest(this, id, { cluster: this.cluster, manifest: [object], overwrite });
  }
}
