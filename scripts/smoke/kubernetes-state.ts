import { connect } from 'node:net';

/** Runs `kubectl` with these arguments and returns its output. */
export type Kubectl = (...args: readonly string[]) => Promise<string>;

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentMetrics?: readonly unknown[] | null;
    readonly conditions?: readonly Condition[];
    readonly loadBalancer?: { readonly ingress?: readonly { readonly hostname?: string }[] };
  };
}

export interface LookAtKubernetesOptions {
  readonly kubectl: Kubectl;
  /** Such as `minimal-cluster`. */
  readonly stage: string;
  readonly log: (line: string) => void;
  /** Ports of the balancer. */
  readonly ports?: readonly number[];
  readonly timeoutMs?: number;
}

const namespace = 'rowlock';
const deployments = ['api', 'worker', 'data-platform'];
const KINDS = 'deployments,horizontalpodautoscalers,ingresses';
const CONNECT_TIMEOUT_MS = 5000;

/**
 * Looks at what the cluster made of the manifests: every pod of the release available, an autoscaler that
 * gets metrics, and a balancer that this machine cannot reach. Changes nothing. Throws at the first fault.
 */
export async function lookAtKubernetes(options: LookAtKubernetesOptions): Promise<void> {
  const { kubectl, stage, log } = options;
  const context = (await kubectl('config', 'current-context')).trim();
  const name = `rowlock-${stage}`;
  if (!context.endsWith(`/${name}`)) {
    throw new Error(`kubectl is connected to ${context}: aws eks update-kubeconfig --name ${name}`);
  }
  const { items } = JSON.parse(await kubectl('--namespace', namespace, 'get', KINDS, '--output', 'json')) as {
    items: readonly KubernetesObject[];
  };
  for (const deployment of deployments) log(available(find(items, 'Deployment', deployment)));
  log(scales(find(items, 'HorizontalPodAutoscaler', 'api')));
  const ingress = items.find(({ kind }) => kind === 'Ingress');
  if (ingress === undefined)
    log('no Ingress: the balancer is one of CloudFormation (front=bound), not tried');
  else log(await isClosed(ingress, options));
}

function find(items: readonly KubernetesObject[], kind: string, name: string): KubernetesObject {
  const found = items.find((item) => item.kind === kind && item.metadata.name === name);
  if (found === undefined) throw new Error(`the cluster has no ${kind} ${name}`);
  return found;
}

function available({ metadata: { name, generation }, spec, status = {} }: KubernetesObject): string {
  const { replicas = 0 } = spec;
  const { observedGeneration, updatedReplicas = 0, availableReplicas = 0 } = status;
  if (observedGeneration !== generation || updatedReplicas < replicas || availableReplicas < replicas) {
    throw new Error(
      `${name}: ${availableReplicas} of ${replicas} pods are available, ${updatedReplicas} of this ` +
        'release: see too-few-pods in docs/runbook.md',
    );
  }
  return `${name}: ${availableReplicas} of ${replicas} pods are available`;
}

function scales({ metadata: { name }, status = {} }: KubernetesObject): string {
  const active = status.conditions?.find(({ type }) => type === 'ScalingActive');
  if (active?.status !== 'True' || (status.currentMetrics ?? []).length === 0) {
    throw new Error(`the autoscaler of ${name} has no metrics: ${active?.message ?? 'it said nothing yet'}`);
  }
  return `the autoscaler of ${name} gets metrics`;
}

/** Its security group admits CloudFront's addresses only, so a connection from here must not succeed. */
async function isClosed(
  { status = {} }: KubernetesObject,
  { ports = [80, 443], timeoutMs = CONNECT_TIMEOUT_MS }: LookAtKubernetesOptions,
): Promise<string> {
  const host = status.loadBalancer?.ingress?.[0]?.hostname;
  if (host === undefined) throw new Error('the Ingress has no balancer yet');
  for (const port of ports) {
    if (await accepts(host, port, timeoutMs))
      throw new Error(`the balancer accepts connections from here (${host}:${port}), past CloudFront`);
  }
  return `the balancer ${host} accepts no connection from here`;
}

function accepts(host: string, port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (outcome: boolean) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // A name that leads nowhere says nothing about the balancer.
      if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') reject(error);
      else end(false);
    });
  });
}
