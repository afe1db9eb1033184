import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../processes/log.ts';
import { reasonOf } from '../processes/reason-of.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import type { Pod } from './pod.ts';
import { type NewNode, registerNode, renewLease } from './register-node.ts';
import { runPod, type RunningPod, type RunPodOptions } from './run-pod.ts';

export interface ProcessKubelet {
  /** The loopback address behind the address that a pod reports. */
  loopbackIpOf(podIp: string): string;
  /** Ends all pods in order. */
  stop(): Promise<void>;
}

export interface ProcessKubeletOptions {
  readonly api: KubernetesApi;
  readonly nodes: readonly NewNode[];
  /** Folder for the pods' volumes and logs. */
  readonly dir: string;
  readonly programOf: RunPodOptions['programOf'];
  /** Called with the exit codes of a pod's containers after a requested stop. */
  readonly onStopped?: (pod: Pod, exitCodes: readonly number[]) => void;
  readonly log: Log;
}

const POLL_MS = 100;
const LEASE_EVERY_MS = 10_000;

/**
 * Registers nodes and runs the pods that the scheduler gives them as processes of this machine. Each pod
 * listens on a loopback address of its own, so that all of them may use the same port. It reports an address
 * of 10.244.0.0/16, because the API refuses loopback addresses in endpoints.
 */
export async function startProcessKubelet(options: ProcessKubeletOptions): Promise<ProcessKubelet> {
  const { api, dir, log } = options;
  const names = options.nodes.map(({ name }) => name);
  for (const node of options.nodes) {
    await registerNode(api, node);
    await renewLease(api, node.name);
  }
  const running = new Map<string, { readonly pod: Pod; readonly own: RunningPod }>();
  const stopping = new AbortController();
  let addresses = 0;

  const start = (pod: Pod): void => {
    addresses += 1;
    const tail = `244.${Math.floor(addresses / 250)}.${(addresses % 250) + 1}`;
    const path = podPath(pod);
    const own = runPod({
      pod,
      podIp: `10.${tail}`,
      loopbackIp: `127.${tail}`,
      dir: join(dir, pod.metadata.name),
      programOf: options.programOf,
      report: async (status) => {
        const reply = await api.request(
          'PATCH',
          `${path}/status`,
          { metadata: { uid: pod.metadata.uid }, status },
          'application/strategic-merge-patch+json',
        );
        // 404 and 409: the pod is gone, or another one has its name.
        if (reply.status >= 300 && reply.status !== 404 && reply.status !== 409) {
          log(`the status of ${pod.metadata.name} was refused: ${JSON.stringify(reply.body['message'])}`);
        }
      },
    });
    own.ended.catch((error: unknown) => log(`${pod.metadata.name} failed: ${reasonOf(error)}`));
    running.set(pod.metadata.uid, { pod, own });
  };

  const stopProcesses = async (pod: Pod): Promise<void> => {
    const exitCodes = await running.get(pod.metadata.uid)?.own.stop();
    if (exitCodes !== undefined) options.onStopped?.(pod, exitCodes);
  };

  const end = async (pod: Pod): Promise<void> => {
    await stopProcesses(pod);
    const body = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
    await api.request('DELETE', podPath(pod), body);
    running.delete(pod.metadata.uid);
  };

  const ending = new Map<string, Promise<void>>();
  const look = async (): Promise<void> => {
    const { items } = (await api.read('/api/v1/pods')) as unknown as { items: readonly Pod[] };
    for (const pod of items) {
      const { uid, deletionTimestamp } = pod.metadata;
      if (!names.includes(pod.spec.nodeName ?? '')) continue;
      if (deletionTimestamp !== undefined) {
        if (ending.has(uid)) continue;
        ending.set(
          uid,
          end(pod).catch((error: unknown) => log(`${pod.metadata.name} did not end: ${reasonOf(error)}`)),
        );
      } else if (!running.has(uid) && pod.status?.phase === 'Pending') start(pod);
    }
  };

  const looking = repeat(stopping.signal, POLL_MS, look, log);
  const renewing = repeat(
    stopping.signal,
    LEASE_EVERY_MS,
    async () => {
      for (const name of names) await renewLease(api, name);
    },
    log,
  );
  return {
    loopbackIpOf: (podIp) => podIp.replace(/^10\./, '127.'),
    async stop() {
      stopping.abort();
      await Promise.all([looking, renewing]);
      await Promise.allSettled([...running.values()].map(({ pod }) => stopProcesses(pod)));
    },
  };
}

function podPath({ metadata: { namespace, name } }: Pod): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

async function repeat(
  signal: AbortSignal,
  everyMs: number,
  work: () => Promise<void>,
  log: Log,
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((error: unknown) => log(`the kubelet of processes: ${reasonOf(error)}`));
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
