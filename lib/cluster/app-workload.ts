import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { Connections, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import type { IPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type {
  EnvironmentName,
  InstanceSettings,
  ProcessName,
  SecretVariable,
} from '../instance/instance-settings.ts';
import { type ProcessHost, requireUnset } from '../service/process-host.ts';
import type { EksCluster } from './eks-cluster.ts';
import type { ConfigMap, KubernetesObject, ServiceAccount } from './kubernetes-types.ts';
import { namespace, workloadLabel } from './names.ts';
import { ServiceAccountRole } from './service-account-role.ts';

export interface AppWorkloadProps {
  readonly name: ProcessName;
  readonly eks: EksCluster;
  /** Security group of the nodes, and so of every pod. */
  readonly podGroup: ISecurityGroup;
}

/** The part of an instance's settings that `read-settings` needs in a pod. */
type PodSettings = Pick<InstanceSettings, 'region' | 'processes'>;

/**
 * One process of the app in the cluster, with a role of its own. Grant it what it needs with the `use…`
 * functions of lib/service, and then add its objects.
 */
export class AppWorkload extends Construct implements ProcessHost {
  readonly name: ProcessName;
  readonly role: Role;
  readonly grantPrincipal: IPrincipal;
  readonly connections: Connections;
  readonly #eks: EksCluster;
  readonly #podGroup: ISecurityGroup;
  readonly #variables: Partial<Record<EnvironmentName, string>> = {};
  readonly #secretVariables: Partial<Record<EnvironmentName, SecretVariable>> = {};

  constructor(scope: Construct, id: string, { name, eks, podGroup }: AppWorkloadProps) {
    super(scope, id);
    this.name = name;
    this.#eks = eks;
    this.#podGroup = podGroup;
    const { provider } = eks;
    this.role = new ServiceAccountRole(this, 'ServiceAccount', { provider, namespace, name }).role;
    this.grantPrincipal = this.role.grantPrincipal;
    this.connections = new Connections({ securityGroups: [podGroup] });
  }

  setVariables(
    processes: readonly ProcessName[],
    variables: Readonly<Partial<Record<EnvironmentName, string>>>,
  ): void {
    this.requireOwn(processes);
    requireUnset(this.#variables, Object.keys(variables));
    Object.assign(this.#variables, variables);
  }

  setSecretVariable(processes: readonly ProcessName[], name: EnvironmentName, value: SecretVariable): void {
    this.requireOwn(processes);
    requireUnset(this.#variables, [name]);
    this.#secretVariables[name] = value;
  }

  /**
   * Adds the service account, the settings and the objects that `objectsOf` makes. It gets a hash of the
   * settings, which changes with them. Call it once, after the variables are set.
   */
  addObjects(objectsOf: (settingsHash: string) => readonly KubernetesObject[]): KubernetesManifest {
    const stack = Stack.of(this);
    const settings: PodSettings = {
      region: stack.region,
      processes: {
        [this.name]: { variables: this.#variables, secretVariables: this.#secretVariables },
      },
    };
    const hash = createHash('sha256')
      .update(JSON.stringify(stack.resolve(settings)))
      .digest('hex')
      .slice(0, 12);
    const labels = workloadLabel(this.name);
    const account: ServiceAccount = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: this.name,
        namespace,
        labels,
        annotations: { 'eks.amazonaws.com/role-arn': this.role.roleArn },
      },
      automountServiceAccountToken: false,
    };
    const map: ConfigMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: this.name, namespace, labels },
      data: { 'settings.json': stack.toJsonString(settings) },
    };
    const objects = new KubernetesManifest(this, 'Objects', {
      cluster: this.#eks.cluster,
      manifest: [account, map, ...objectsOf(hash)],
    });
    // Pods read their secrets when they start, so their role must have its policy, and then they connect.
    objects.node.addDependency(this.role, this.#podGroup);
    return objects;
  }

  private requireOwn(processes: readonly ProcessName[]): void {
    const other = processes.find((process) => process !== this.name);
    if (other !== undefined) throw new Error(`the workload ${this.name} does not run ${other}`);
  }
}
