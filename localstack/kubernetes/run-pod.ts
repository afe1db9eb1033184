import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { type Container, environmentOf, type Pod, portOf, type Probe, probeDefaults } from './pod.ts';

/** What a container of this pod runs on this machine. */
export interface ContainerProgram {
  readonly command: readonly string[];
  /** What a probe's command is on this machine. */
  readonly probeCommand?: (words: readonly string[]) => readonly string[];
  readonly cwd: string;
  /** Added to the variables of the manifest, or in their place. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ContainerPlace {
  /** The address on which the pod's processes listen. */
  readonly loopbackIp: string;
  /** Replaces the paths of the container's volumes by their folders. */
  mounted(text: string): string;
}

export interface RunPodOptions {
  readonly pod: Pod;
  /** The address that the pod reports; the API refuses addresses of loopback. */
  readonly podIp: string;
  /** The address on which its processes listen. */
  readonly loopbackIp: string;
  /** Folder for the pod's volumes and logs. */
  readonly dir: string;
  programOf(pod: Pod, container: Container, place: ContainerPlace): ContainerProgram;
  /** Called with the pod's new status whenever it changes. Never overlaps with itself. */
  report(status: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface RunningPod {
  /**
   * Runs the preStop hooks, sends SIGTERM, and SIGKILL when the grace period is over. Resolves with the exit
   * code of each container that ran; 137 stands for a signal.
   */
  stop(): Promise<readonly number[]>;
  /** Resolves when no process of the pod runs and none will be started. */
  readonly ended: Promise<void>;
}

interface ContainerState {
  readonly container: Container;
  child: ChildServer | undefined;
  program: ContainerProgram | undefined;
  isReady: boolean;
  isStarted: boolean;
  restarts: number;
  exitCode: number | undefined;
}

const run = promisify(execFile);
const DEFAULT_GRACE_S = 30;
const RESTART_PAUSE_MS = 1_000;
const SIGNAL_EXIT = 137;

/**
 * Runs a pod's containers as processes, the way a kubelet does: init containers one after the other, then the
 * others together; probes; restarts by the pod's policy. Differences: no isolation; every volume is an empty
 * folder; and its path is replaced in the variables, because a process cannot mount it.
 */
export function runPod(options: RunPodOptions): RunningPod {
  const { pod, podIp, loopbackIp } = options;
  const stopping = new AbortController();
  const states = pod.spec.containers.map((container) => newState(container));
  const initial = (pod.spec.initContainers ?? []).map((container) => newState(container));
  let reporting: Promise<void> = Promise.resolve();
  const report = () => {
    reporting = reporting.then(() => options.report(statusOf(pod, podIp, initial, states)));
    return reporting;
  };

  const ended = (async () => {
    await mkdir(options.dir, { recursive: true });
    for (const state of initial) {
      while (!stopping.signal.aborted) {
        await runOnce(options, state, stopping.signal);
        await report();
        if (state.exitCode === 0 || pod.spec.restartPolicy === 'Never') break;
        await restartPause(state, stopping.signal);
      }
      if (state.exitCode !== 0) break;
    }
    if (initial.every(({ exitCode }) => exitCode === 0)) {
      await Promise.all(states.map((state) => keepRunning(options, state, stopping.signal, report)));
    }
    await report();
    await reporting;
  })();

  return {
    ended,
    async stop() {
      const graceMs = (pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * 1000;
      const lastMs = performance.now() + graceMs;
      const running = [...initial, ...states];
      // The hook counts against the grace period.
      await Promise.all(
        running.map(async ({ container, child }) => {
          const hookMs = (container.lifecycle?.preStop?.sleep?.seconds ?? 0) * 1000;
          if (child !== undefined) await delay(Math.min(hookMs, graceMs));
        }),
      );
      stopping.abort();
      await Promise.all(running.map(({ child }) => end(child, lastMs - performance.now())));
      await ended;
      return states.flatMap(({ exitCode }) => exitCode ?? []);
    },
  };

  function newState(container: Container): ContainerState {
    return {
      container,
      child: undefined,
      program: undefined,
      isReady: false,
      isStarted: false,
      restarts: 0,
      exitCode: undefined,
    };
  }

  async function end(child: ChildServer | undefined, leftMs: number): Promise<void> {
    if (child === undefined || child.exitReason() !== undefined) return;
    const killed = setTimeout(() => process.kill(child.pid, 'SIGKILL'), Math.max(leftMs, 0));
    try {
      await child.stop();
    } finally {
      clearTimeout(killed);
    }
  }

  async function keepRunning(
    own: RunPodOptions,
    state: ContainerState,
    signal: AbortSignal,
    changed: () => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      await runOnce(own, state, signal, async (child) => {
        await changed();
        await probe(state, child, loopbackIp, changed);
      });
      state.isReady = false;
      await changed();
      const policy = pod.spec.restartPolicy ?? 'Always';
      if (policy === 'Never' || (policy === 'OnFailure' && state.exitCode === 0)) return;
      await restartPause(state, signal);
    }
  }
}

async function restartPause(state: ContainerState, signal: AbortSignal): Promise<void> {
  state.restarts += 1;
  await delay(RESTART_PAUSE_MS, undefined, { signal }).catch(() => undefined);
}

async function runOnce(
  options: RunPodOptions,
  state: ContainerState,
  signal: AbortSignal,
  whileRunning: (child: ChildServer) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  if (signal.aborted) return;
  const { pod, podIp, dir } = options;
  const { container } = state;
  const mounted = (text: string) => withVolumes(text, container, dir);
  const program = options.programOf(pod, container, { loopbackIp: options.loopbackIp, mounted });
  state.program = program;
  const variables = Object.entries(environmentOf(container, pod, podIp));
  for (const { name } of container.volumeMounts ?? []) await mkdir(join(dir, name), { recursive: true });
  state.child = await childServer({
    name: `${pod.metadata.name}/${container.name}`,
    command: program.command,
    env: {
      PATH: process.env['PATH'],
      ...Object.fromEntries(variables.map(([name, value]) => [name, mounted(value)])),
      ...program.env,
    },
    cwd: program.cwd,
    logFile: join(dir, `${container.name}.log`),
    marker: pod.metadata.name,
    // The pod's grace period is watched by stop().
    stopTimeoutMs: 3_600_000,
  });
  state.exitCode = undefined;
  const watching = whileRunning(state.child);
  const reason = await state.child.exited;
  state.exitCode = Number(/^exit code (\d+)$/.exec(reason)?.[1] ?? SIGNAL_EXIT);
  await watching;
}

/** Replaces volume paths by their folders, in one pass, because a folder may contain a volume path. */
function withVolumes(text: string, { volumeMounts = [] }: Container, dir: string): string {
  const folders = new Map(volumeMounts.map(({ name, mountPath }) => [mountPath, join(dir, name)]));
  const longestFirst = [...folders.keys()].toSorted((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return text;
  return text.replaceAll(new RegExp(longestFirst.join('|'), 'g'), (path) => folders.get(path) ?? path);
}

/** Startup probe first, then readiness and liveness, until the process ends. */
async function probe(
  state: ContainerState,
  child: ChildServer,
  address: string,
  changed: () => Promise<void>,
): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = state.container;
  const isPassed = (own: Probe) => passes(own, state, address);
  state.isStarted = startupProbe === undefined;
  await periodically(child, startupProbe, async (own, failures) => {
    state.isStarted = await isPassed(own);
    if (!state.isStarted && failures >= thresholdOf(own)) await child.stop();
    return state.isStarted ? 'enough' : 'failed';
  });
  if (child.exitReason() !== undefined) return;
  state.isReady = readinessProbe === undefined;
  await changed();
  await Promise.all([
    periodically(child, readinessProbe, async (own, failures) => {
      const isUp = await isPassed(own);
      const isReady = isUp || (state.isReady && failures + 1 < thresholdOf(own));
      if (isReady !== state.isReady && child.exitReason() === undefined) {
        state.isReady = isReady;
        await changed();
      }
      return isUp ? 'passed' : 'failed';
    }),
    periodically(child, livenessProbe, async (own, failures) => {
      if (await isPassed(own)) return 'passed';
      if (failures + 1 >= thresholdOf(own)) await child.stop();
      return 'failed';
    }),
  ]);
}

async function periodically(
  child: ChildServer,
  own: Probe | undefined,
  attempt: (probe: Probe, failures: number) => Promise<'passed' | 'failed' | 'enough'>,
): Promise<void> {
  if (own === undefined) return;
  await delay((own.initialDelaySeconds ?? 0) * 1000);
  for (let failures = 0; child.exitReason() === undefined; ) {
    const result = await attempt(own, failures);
    if (result === 'enough') return;
    failures = result === 'failed' ? failures + 1 : 0;
    await Promise.race([child.exited, delay((own.periodSeconds ?? probeDefaults.periodSeconds) * 1000)]);
  }
}

function thresholdOf(own: Probe): number {
  return own.failureThreshold ?? probeDefaults.failureThreshold;
}

/** A status from 200 to 399 passes, and so does a command that ends with 0, as for a kubelet. */
async function passes(own: Probe, { container, program }: ContainerState, address: string): Promise<boolean> {
  const timeoutMs = (own.timeoutSeconds ?? probeDefaults.timeoutSeconds) * 1000;
  if (own.exec === undefined && own.httpGet === undefined) {
    throw new Error(`${container.name} has a probe that processes cannot have`);
  }
  try {
    if (own.exec !== undefined) {
      const [file = '', ...args] = program?.probeCommand?.(own.exec.command) ?? own.exec.command;
      await run(file, args, { timeout: timeoutMs });
      return true;
    }
    const { path = '/', port } = own.httpGet ?? { port: 0 };
    const reply = await fetch(`http://${address}:${portOf(container, port)}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await reply.arrayBuffer();
    return reply.status >= 200 && reply.status < 400;
  } catch {
    return false;
  }
}

function statusOf(
  pod: Pod,
  podIp: string,
  initial: readonly ContainerState[],
  states: readonly ContainerState[],
): Readonly<Record<string, unknown>> {
  const isInitialised = initial.every(({ exitCode }) => exitCode === 0);
  const isReady = states.every((state) => state.isReady);
  return {
    phase: phaseOf(pod, initial, states),
    podIP: podIp,
    podIPs: [{ ip: podIp }],
    hostIP: '192.0.2.1',
    conditions: [
      { type: 'Initialized', status: isInitialised ? 'True' : 'False' },
      { type: 'ContainersReady', status: isReady ? 'True' : 'False' },
      { type: 'Ready', status: isReady ? 'True' : 'False' },
    ].map((condition) => ({ ...condition, lastTransitionTime: new Date().toISOString() })),
    initContainerStatuses: initial.map(containerStatus),
    containerStatuses: states.map(containerStatus),
  };
}

function phaseOf({ spec }: Pod, initial: readonly ContainerState[], states: readonly ContainerState[]) {
  const policy = spec.restartPolicy ?? 'Always';
  if (policy === 'Never' && initial.some(({ exitCode = 0 }) => exitCode !== 0)) return 'Failed';
  if (initial.some(({ exitCode }) => exitCode !== 0)) return 'Pending';
  if (policy === 'Always' || states.some(({ exitCode }) => exitCode === undefined)) return 'Running';
  if (states.every(({ exitCode }) => exitCode === 0)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

function containerStatus(state: ContainerState): Readonly<Record<string, unknown>> {
  const { container, child, exitCode, isReady, isStarted, restarts } = state;
  const running = child !== undefined && exitCode === undefined;
  return {
    name: container.name,
    image: container.image,
    imageID: container.image,
    ready: isReady || exitCode === 0,
    started: isStarted && running,
    restartCount: restarts,
    state: running
      ? { running: { startedAt: new Date().toISOString() } }
      : exitCode === undefined
        ? { waiting: { reason: 'PodInitializing' } }
        : { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' } },
  };
}
