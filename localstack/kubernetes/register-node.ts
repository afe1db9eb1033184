import type { KubernetesApi } from './kubernetes-api.ts';

export interface NewNode {
  readonly name: string;
  readonly zone: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const LEASE_S = 40;
const PODS_PER_NODE = 30;

/** A ready Arm node with room for some pods. Throws if the API refuses it. */
export async function registerNode(
  api: KubernetesApi,
  { name, zone, labels = {}, annotations = {} }: NewNode,
): Promise<void> {
  const node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'arm64',
        'topology.kubernetes.io/zone': zone,
        ...labels,
      },
    },
  };
  await api.apply(node);
  const size = { cpu: '8', memory: '32Gi', pods: `${PODS_PER_NODE}`, 'ephemeral-storage': '100Gi' };
  const now = new Date().toISOString();
  const status = {
    capacity: size,
    allocatable: size,
    nodeInfo: {
      architecture: 'arm64',
      operatingSystem: 'linux',
      bootID: '',
      containerRuntimeVersion: '',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.3',
      machineID: '',
      osImage: '',
      systemUUID: '',
    },
    conditions: [
      { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: now },
    ],
  };
  const path = `/api/v1/nodes/${name}/status`;
  const reply = await api.request('PATCH', path, { status }, 'application/strategic-merge-patch+json');
  if (reply.status >= 300) throw new Error(`node ${name}: ${JSON.stringify(reply.body['message'])}`);
}

/** Tells the controllers that the node's kubelet is alive, for 40 s. */
export async function renewLease(api: KubernetesApi, name: string): Promise<void> {
  await api.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: {
      holderIdentity: name,
      leaseDurationSeconds: LEASE_S,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  });
}
