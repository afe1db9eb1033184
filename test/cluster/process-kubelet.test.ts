import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { startProcessKubelet } from '../../localstack/kubernetes/process-kubelet.ts';
import type { Container, PodSpec } from '../../localstack/kubernetes/pod.ts';
import type { ControlPlane } from '../../localstack/kubernetes/start-control-plane.ts';
import { onCleanup } from '../support/cleanup.ts';
import { onThisMachine } from '../support/on-this-machine.ts';
import { until } from '../support/until.ts';
import { localPlane } from './local-plane.ts';

const NAMESPACE = 'shop';
const SECONDS = 1000;

/** Passes the Pod Security Standard `restricted`. */
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly containerStatuses?: readonly { readonly restartCount: number; readonly ready: boolean }[];
}

// Real etcd, API server, controllers and scheduler; the pods are processes of this machine.
describe('the kubelet of processes', function () {
  let plane: ControlPlane;
  let dir: string;
  let loopbackIpOf: (podIp: string) => string;

  before(async function () {
    ({ plane, dir } = await localPlane(this, { hasFakeNodes: false }));
    const kubelet = await startProcessKubelet({
      api: plane.api,
      nodes: [
        { name: 'node-a', zone: 'zone-a' },
        { name: 'node-b', zone: 'zone-b' },
      ],
      dir: join(dir, 'pods'),
      programOf: (pod, { args = [] }, { loopbackIp }) => ({
        command: [process.execPath, '-e', args[0] ?? '', pod.metadata.name],
        cwd: dir,
        env: { ADDRESS: loopbackIp },
      }),
      log: (line) => expect.fail(line),
    });
    onCleanup(() => kubelet.stop());
    loopbackIpOf = (podIp) => kubelet.loopbackIpOf(podIp);
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await plane.api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } });
  });

  const runs = (script: string, more: Partial<Container> = {}): Container =>
    ({ name: 'main', image: 'none', args: [script], securityContext: restricted, ...more }) as Container;

  const place = async (name: string, spec: PodSpec) => {
    // The controllers make the default account of a new namespace a moment later.
    await until('the pod is admitted', () =>
      plane.api.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: NAMESPACE },
        spec: { ...spec },
      }),
    );
    return `/api/v1/namespaces/${NAMESPACE}/pods/${name}`;
  };
  const statusOf = async (path: string) => (await plane.api.read(path))['status'] as PodStatus;
  const logOf = (pod: string, container = 'main') =>
    readFileSync(join(dir, 'pods', pod, `${container}.log`), 'utf8');
  const untilPhase = (path: string, phase: string) =>
    until(`${path} is ${phase}`, async () => ((await statusOf(path)).phase === phase ? true : undefined), {
      timeoutMs: 60 * SECONDS,
    });

  it('runs init containers first, on the volume that the container reads', async () => {
    const volumeMounts = [{ name: 'settings', mountPath: '/run/settings' }];
    const write = "require('fs').writeFileSync(process.env.FILE, 'from the init container')";
    const read = "console.log(require('fs').readFileSync(process.env.FILE, 'utf8'))";
    const env = [{ name: 'FILE', value: '/run/settings/app.env' }];
    const path = await place('with-init', {
      restartPolicy: 'Never',
      initContainers: [runs(write, { name: 'init', volumeMounts, env })],
      containers: [runs(read, { volumeMounts, env })],
      volumes: [{ name: 'settings', emptyDir: {} } as { name: string }],
    });
    await untilPhase(path, 'Succeeded');
    expect(logOf('with-init')).to.include('from the init container');
  });

  it('does not start a container whose init container fails', async () => {
    const path = await place('bad-init', {
      restartPolicy: 'Never',
      initContainers: [runs('process.exit(3)', { name: 'init' })],
      containers: [runs("console.log('started')")],
    });
    await untilPhase(path, 'Failed');
    expect(() => logOf('bad-init')).to.throw(/ENOENT/);
  });

  it('reports a pod as ready only once its probe passes, at an address of its own', async () => {
    const server = `setTimeout(() => require('http').createServer((_, reply) => reply.end('here'))
      .listen(8080, process.env.ADDRESS), 1500)`;
    const path = await place('ready-later', {
      containers: [
        runs(server, {
          ports: [{ name: 'http', containerPort: 8080 }],
          readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
        }),
      ],
    });
    const running = await until('it runs', async () => {
      const status = await statusOf(path);
      return status.phase === 'Running' ? status : undefined;
    });
    expect(running.containerStatuses?.[0]?.ready).to.equal(false);
    const ready = await until('it is ready', async () => {
      const status = await statusOf(path);
      return status.containerStatuses?.[0]?.ready ? status : undefined;
    });
    const reply = await fetch(`http://${loopbackIpOf(ready.podIP ?? '')}:8080/`);
    expect(await reply.text()).to.equal('here');
  });

  it('restarts a container that fails its liveness probe', async () => {
    const path = await place('not-alive', {
      containers: [
        runs('setInterval(() => {}, 1000)', {
          livenessProbe: {
            httpGet: { path: '/', port: 8080 },
            periodSeconds: 1,
            failureThreshold: 2,
          },
        }),
      ],
    });
    await until('it is restarted', async () => {
      const [status] = (await statusOf(path)).containerStatuses ?? [];
      return (status?.restartCount ?? 0) > 0;
    });
  });

  it('waits for preStop, then sends SIGTERM, and SIGKILL when the grace period is over', async () => {
    const stubborn = `process.on('SIGTERM', () => console.log('SIGTERM'));
      setInterval(() => console.log('alive'), 200);`;
    const path = await place('stubborn', {
      terminationGracePeriodSeconds: 4,
      containers: [
        runs(stubborn, {
          lifecycle: { preStop: { sleep: { seconds: 2 } } },
        }),
      ],
    });
    await until('it speaks', () => logOf('stubborn').includes('alive'));
    const before = performance.now();
    await plane.api.request('DELETE', path);
    await until('it is gone', async () => (await plane.api.request('GET', path)).status === 404);
    const tookMs = performance.now() - before;
    const lines = logOf('stubborn').trim().split('\n');
    const after = lines.slice(lines.indexOf('SIGTERM') + 1);
    expect(lines).to.include('SIGTERM');
    // Two seconds of preStop and two in which SIGTERM is ignored, five lines a second.
    expect(after.length).to.be.within(2, onThisMachine(12));
    expect(tookMs).to.be.at.least(4 * SECONDS);
  });

  it('gives no pod to a manifest that the restricted standard forbids', async () => {
    const { securityContext: _, ...open } = runs('0') as Container & { securityContext: unknown };
    const refused = await plane.api.request('POST', `/api/v1/namespaces/${NAMESPACE}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'open' },
      spec: { containers: [open] },
    });
    expect(refused.status).to.equal(403);
    expect(String(refused.body['message'])).to.include('runAsNonRoot');
  });
});
