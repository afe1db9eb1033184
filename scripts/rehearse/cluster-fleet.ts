import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubernetesApi, KubernetesObject } from '../../localstack/kubernetes/kubernetes-api.ts';
import type { KubernetesPrograms } from '../../localstack/kubernetes/kubernetes-programs.ts';
import type { Container, Pod } from '../../localstack/kubernetes/pod.ts';
import { startProcessKubelet } from '../../localstack/kubernetes/process-kubelet.ts';
import type { ContainerPlace, ContainerProgram } from '../../localstack/kubernetes/run-pod.ts';
import { startControlPlane } from '../../localstack/kubernetes/start-control-plane.ts';
import { reasonOf } from '../../localstack/processes/reason-of.ts';
import { poolLabel } from '../../lib/cluster/names.ts';
import { readyFile } from '../../lib/cluster/pod-template.ts';
import { appPort } from '../../lib/settings/app-port.ts';
import type { Balancer, Target } from './balancer.ts';
import { inReleaseOf } from './cluster-objects.ts';
import type { Fleet, FleetOptions } from './fleet.ts';
import type { AppEnvironment } from './instance.ts';
import type { Release } from './release.ts';
import { within } from './within.ts';

export interface ClusterFleetOptions extends FleetOptions {
  readonly programs: KubernetesPrograms;
  /** The shop's objects, as the stacks apply them. */
  readonly objects: readonly KubernetesObject[];
}

const ROLLOUT_TIMEOUT_MS = 900_000;
const FOLLOW_EVERY_MS = 100;
const ZONES = ['zone-a', 'zone-b'];

/**
 * The shop's manifests on a real control plane, whose pods are processes of this machine. A release is rolled
 * as the stacks do it: its migration Job completes, then its Deployments are applied. The balancer follows
 * the EndpointSlices of the API's Service, as the load balancer's controller does.
 */
export async function openClusterFleet(options: ClusterFleetOptions): Promise<Fleet> {
  const { balancer, dir, log, programs } = options;
  const plane = await startControlPlane({ dataDir: join(dir, 'plane'), programs, hasFakeNodes: false });
  const releases = new Map<string, Release>();
  const faults: string[] = [];
  const kubelet = await startProcessKubelet({
    api: plane.api,
    nodes: ZONES.map((zone) => ({ name: `node-${zone}`, zone, labels: poolLabel })),
    dir: join(dir, 'pods'),
    programOf: (_pod, container, place) => programOf(container, releases, options.env, place),
    onStopped: (pod, exitCodes) => {
      if (exitCodes.some((code) => code !== 0))
        faults.push(`${pod.metadata.name} ended with ${exitCodes.join(', ')}`);
    },
    log,
  });
  const stopping = new AbortController();
  const endpoints = followEndpoints({ api: plane.api, balancer, kubelet, signal: stopping.signal, log });
  const rolled: string[] = [];

  return {
    async rollTo(release) {
      const number = rolled.push(release.name);
      const image = `rowlock:${number}`;
      releases.set(image, release);
      const { before, jobs, after } = inReleaseOf(options.objects, { image, number });
      for (const object of before) await plane.api.apply(object);
      for (const job of jobs) {
        await plane.api.apply(job);
        await within(
          `the Job ${job.metadata.name} completes`,
          () => isComplete(plane.api, job),
          ROLLOUT_TIMEOUT_MS,
        );
      }
      for (const object of after) await plane.api.apply(object);
      for (const object of after.filter(({ kind }) => kind === 'Deployment')) {
        const { name } = object.metadata;
        await within(`${name} is rolled out`, () => isRolledOut(plane.api, object), ROLLOUT_TIMEOUT_MS);
        log(`${name} runs ${release.name}`);
      }
    },
    served: () =>
      rolled.map((release, at) => ({ release, requests: endpoints.servedBy(`rowlock:${at + 1}`) })),
    async close() {
      stopping.abort();
      await endpoints.ended;
      await kubelet.stop();
      await plane.stop();
      if (faults.length > 0) throw new Error(faults.splice(0).join('; '));
    },
  };
}

/** The settings that the init container of the stacks reads from Secrets Manager come from here instead. */
function programOf(
  { name, image, command = [] }: Container,
  releases: ReadonlyMap<string, Release>,
  env: AppEnvironment,
  { loopbackIp, mounted }: ContainerPlace,
): ContainerProgram {
  const release = releases.get(image);
  if (release === undefined) throw new Error(`no release has the image ${image}`);
  const here = (words: readonly string[]): string[] =>
    words.map((word) => {
      if (word.endsWith('/bin/node')) return process.execPath;
      if (word.endsWith('/app/main.mjs')) return join(release.dir, 'app/main.ts');
      return mounted(word);
    });
  const base = { cwd: release.dir, probeCommand: here };
  if (name !== 'settings') {
    // Every pod has the port of the manifest, on an address of its own.
    return {
      ...base,
      command: here(command),
      env: {
        HTTP_HOST: loopbackIp,
        HTTP_PORT: `${appPort}`,
        READY_FILE: mounted(readyFile),
      },
    };
  }
  const lines = Object.entries({ ...env, ...release.env }).map(([key, value]) => `${key}='${value}'`);
  const write =
    "require('fs').writeFileSync(process.env.RUNTIME_DIRECTORY + '/environment', process.env.LINES)";
  return { ...base, command: [process.execPath, '-e', write], env: { LINES: lines.join('\n') } };
}

interface FollowOptions {
  readonly api: KubernetesApi;
  readonly balancer: Balancer;
  readonly kubelet: { loopbackIpOf(podIp: string): string };
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

interface EndpointSlice {
  /** Null for a Service without pods. */
  readonly endpoints:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: { readonly ready?: boolean };
        readonly targetRef?: { readonly name: string };
      }[]
    | null;
}

/** Registers what is ready and deregisters what is not, like the controller of a balancer's target group. */
function followEndpoints({ api, balancer, kubelet, signal, log }: FollowOptions) {
  const targets = new Map<string, { readonly target: Target; readonly image: string }>();
  const gone: { readonly target: Target; readonly image: string }[] = [];

  const look = async (): Promise<void> => {
    const query = 'labelSelector=kubernetes.io/service-name%3Dapi';
    const slices = await itemsOf<EndpointSlice>(api, `/apis/discovery.k8s.io/v1/endpointslices?${query}`);
    const images = new Map(
      (await itemsOf<Pod>(api, '/api/v1/pods')).map(({ metadata, spec }) => [
        metadata.name,
        spec.containers[0]?.image ?? '',
      ]),
    );
    const ready = slices
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready === true);
    const wanted = new Map(
      ready.map(({ addresses, targetRef }) => [addresses[0] ?? '', targetRef?.name ?? '']),
    );
    for (const [address, pod] of wanted) {
      if (targets.has(address)) continue;
      const target = balancer.register(`http://${kubelet.loopbackIpOf(address)}:${appPort}`);
      targets.set(address, { target, image: images.get(pod) ?? '' });
      log(`${pod} is registered`);
    }
    for (const [address, entry] of targets) {
      if (wanted.has(address)) continue;
      targets.delete(address);
      gone.push(entry);
      void balancer.deregister(entry.target);
    }
  };

  const ended = (async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => log(`endpoints: ${reasonOf(error)}`));
      await delay(FOLLOW_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    ended,
    servedBy: (image: string): number =>
      [...targets.values(), ...gone]
        .filter((entry) => entry.image === image)
        .reduce((sum, { target }) => sum + target.served(), 0),
  };
}

async function itemsOf<T>(api: KubernetesApi, path: string): Promise<readonly T[]> {
  return ((await api.read(path)) as { items?: readonly T[] }).items ?? [];
}

async function isComplete(api: KubernetesApi, job: KubernetesObject): Promise<boolean> {
  const { status } = (await api.read(await api.pathOf(job))) as {
    status?: { succeeded?: number; failed?: number };
  };
  if ((status?.failed ?? 0) > 0) throw new Error(`the Job ${job.metadata.name} failed`);
  return (status?.succeeded ?? 0) > 0;
}

/** Uses the conditions of `kubectl rollout status`. */
async function isRolledOut(api: KubernetesApi, deployment: KubernetesObject): Promise<boolean> {
  const { metadata, spec, status } = (await api.read(await api.pathOf(deployment))) as {
    metadata: { generation: number };
    spec: { replicas: number };
    status?: Readonly<
      Record<'observedGeneration' | 'replicas' | 'updatedReplicas' | 'availableReplicas', number>
    >;
  };
  return (
    status?.observedGeneration === metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas === spec.replicas
  );
}
