import type { ProcessName } from '../instance/instance-settings.ts';
import type { WorkloadSettings } from '../settings/cluster-settings.ts';
import type { Container, PodSpec, PodTemplate } from './kubernetes-types.ts';
import { poolLabel, workloadLabel } from './names.ts';

export interface PodOptions {
  readonly name: ProcessName;
  /** Image reference with its digest. */
  readonly image: string;
  readonly settings: Pick<WorkloadSettings, 'cpuMilli' | 'memoryMib'>;
  /** Changes with the pod's settings, so that a change starts new pods. */
  readonly settingsHash: string;
}

/** The user of the image. */
const USER = 65_532;
const home = '/opt/rowlock';
const node = `${home}/bin/node`;
const settingsFolder = '/etc/rowlock';
/** In memory: the environment file with the passwords, and the file that says that a process works. */
const runFolder = '/run/rowlock';
export const readyFile = `${runFolder}/ready`;

const volumeMounts = [
  { name: 'run', mountPath: runFolder },
  { name: 'tmp', mountPath: '/tmp' },
];

const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/**
 * Pod of the app under the restricted security standard. An init container reads the secrets by their ARNs
 * into memory, as `ExecStartPre` does on an instance, so no password is in an object of Kubernetes.
 */
export function podTemplate(
  options: PodOptions,
  spec: Partial<PodSpec>,
  main: Partial<Container>,
): PodTemplate {
  const { name, image, settings, settingsHash } = options;
  const labels = workloadLabel(name);
  return {
    metadata: { labels, annotations: { 'rowlock.dev/settings': settingsHash } },
    spec: {
      serviceAccountName: name,
      // The roles come from a token of their own, which EKS adds; none of the processes asks the API server.
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      nodeSelector: poolLabel,
      initContainers: [readSettings(name, image)],
      containers: [
        {
          name,
          image,
          command: [
            node,
            '--max-semi-space-size=16',
            `--env-file=${runFolder}/environment`,
            `${home}/app/main.mjs`,
            name,
          ],
          resources: {
            requests: { cpu: `${settings.cpuMilli}m`, memory: `${settings.memoryMib}Mi` },
            // No limit of the CPU: it would slow a process down while its node is idle.
            limits: { memory: `${settings.memoryMib}Mi` },
          },
          securityContext,
          volumeMounts,
          ...main,
        },
      ],
      volumes: [
        { name: 'settings', configMap: { name } },
        { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
      ],
      ...spec,
    },
  };
}

function readSettings(name: ProcessName, image: string): Container {
  return {
    name: 'settings',
    image,
    command: [node, `${home}/instance/read-settings.mjs`, name, 'node'],
    env: [
      { name: 'ROWLOCK_SETTINGS', value: `${settingsFolder}/settings.json` },
      { name: 'RUNTIME_DIRECTORY', value: runFolder },
    ],
    resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '128Mi' } },
    securityContext,
    volumeMounts: [...volumeMounts, { name: 'settings', mountPath: settingsFolder, readOnly: true }],
  };
}

/** Command of a probe that looks for the file which a process without HTTP creates once it works. */
export const isReadyCommand = [node, '-e', `require('node:fs').statSync('${readyFile}')`];
