import type { ProcessName } from '../instance/instance-settings.ts';
import { appPort } from '../settings/app-port.ts';
import type { WorkloadSettings } from '../settings/cluster-settings.ts';
import { deadlines } from '../settings/deadlines.ts';
import type {
  Container,
  Deployment,
  HorizontalPodAutoscaler,
  KubernetesObject,
  PodDisruptionBudget,
} from './kubernetes-types.ts';
import { namespace, workloadLabel } from './names.ts';
import { isReadyCommand, type PodOptions, podTemplate } from './pod-template.ts';

export interface WorkloadOptions extends PodOptions {
  readonly name: Exclude<ProcessName, 'migrate'>;
  readonly settings: WorkloadSettings & { readonly cpuTargetPercent?: number };
  /** Pods beyond the wanted number during a rolling update. */
  readonly surge: number;
}

/** The balancer needs two checks of a new target, and a moment to hear of it. */
const MIN_READY_S = 30;
/** Longest time until a pod is ready: a node starts, the image is pulled, the secrets are read. */
const PROGRESS_S = 600;

/** The Deployment of a workload, its disruption budget and, for the API, its autoscaler. */
export function workloadObjects(options: WorkloadOptions): KubernetesObject[] {
  const { name, settings } = options;
  const scales = settings.replicasMax !== undefined;
  return [deployment(options), budget(name), ...(scales ? [autoscaler(options)] : [])];
}

function deployment(options: WorkloadOptions): Deployment {
  const { name, settings, surge } = options;
  const selector = { matchLabels: workloadLabel(name) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: workloadLabel(name) },
    spec: {
      // The autoscaler's number; a release must not undo it.
      ...(settings.replicasMax === undefined ? { replicas: settings.replicas } : {}),
      minReadySeconds: MIN_READY_S,
      progressDeadlineSeconds: PROGRESS_S,
      revisionHistoryLimit: 5,
      // An old pod leaves only after its replacement serves.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: 0 } },
      selector,
      template: podTemplate(
        options,
        {
          // preStop, then the app's own drain and the time that it takes to exit.
          terminationGracePeriodSeconds: deadlines.podStopS,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'topology.kubernetes.io/zone',
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: selector,
              // Counts each release alone, or the old pods would decide where the new ones go.
              matchLabelKeys: ['pod-template-hash'],
            },
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: selector,
              matchLabelKeys: ['pod-template-hash'],
            },
          ],
        },
        name === 'api' ? apiContainer : loopContainer,
      ),
    },
  };
}

/**
 * While the pod waits, the balancer takes it out of its targets; only then does the app learn that it ends.
 */
const lifecycle = { preStop: { sleep: { seconds: deadlines.podPreStopS } } };

const apiContainer: Partial<Container> = {
  ports: [{ name: 'http', containerPort: appPort }],
  // Two minutes: a new pod may wait for a busy database.
  startupProbe: {
    httpGet: { path: '/healthz', port: appPort },
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: 60,
  },
  readinessProbe: {
    httpGet: { path: '/readyz', port: appPort },
    periodSeconds: 10,
    timeoutSeconds: 3,
    failureThreshold: 2,
  },
  livenessProbe: {
    httpGet: { path: '/healthz', port: appPort },
    periodSeconds: 10,
    timeoutSeconds: 5,
    failureThreshold: 6,
  },
  lifecycle,
};

/**
 * Worker and data platform serve no requests. A process that fails ends, and its container is started again;
 * readiness says that its loops run, so that a broken release does not replace a working one. A process that
 * waits for MySQL or Kafka is not ended before an hour has passed: it would wait again, and then for the
 * back-off of its container as well.
 */
const loopContainer: Partial<Container> = {
  startupProbe: {
    exec: { command: isReadyCommand },
    periodSeconds: 5,
    timeoutSeconds: 5,
    failureThreshold: 720,
  },
  readinessProbe: {
    exec: { command: isReadyCommand },
    periodSeconds: 60,
    timeoutSeconds: 5,
    failureThreshold: 2,
  },
};

/** A drained node takes one pod of each workload away at a time. */
function budget(name: string): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: {
      maxUnavailable: 1,
      // A pod that never became ready must not block the drain of its node.
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: workloadLabel(name) },
    },
  };
}

function autoscaler({ name, settings }: WorkloadOptions): HorizontalPodAutoscaler {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: settings.replicas,
      maxReplicas: settings.replicasMax ?? settings.replicas,
      metrics: [
        {
          type: 'ContainerResource',
          containerResource: {
            name: 'cpu',
            container: name,
            target: { type: 'Utilization', averageUtilization: settings.cpuTargetPercent ?? 50 },
          },
        },
      ],
      // The load of a sale varies in waves.
      behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
    },
  };
}
