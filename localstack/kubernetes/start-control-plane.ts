import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { freePort } from '../processes/free-port.ts';
import { type KubernetesAddress, type KubernetesApi, kubernetesApi } from './kubernetes-api.ts';
import type { KubernetesPrograms } from './kubernetes-programs.ts';

export interface ControlPlane extends KubernetesAddress {
  readonly api: KubernetesApi;
  /** Lets programs log in as an administrator. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Folder for etcd's data, keys and logs. stop() keeps it. */
  readonly dataDir: string;
  readonly programs: KubernetesPrograms;
  /** Let kwok play the kubelet of every node that has the annotation `fakeNodeAnnotation`. */
  readonly hasFakeNodes: boolean;
}

/** Annotation of a node without a machine, whose pods kwok reports as running. */
export const fakeNodeAnnotation = { 'kwok.x-k8s.io/node': 'fake' };

const READY_TIMEOUT_MS = 180_000;
const POLL_MS = 100;
/** An address of documentation (RFC 5737): nothing may ever be reached through it. */
const ADVERTISED_ADDRESS = '192.0.2.1';

/**
 * Starts etcd, kube-apiserver, kube-controller-manager and kube-scheduler on free ports of loopback, and kwok
 * if asked. Resolves once the API server is ready and has created the default namespace. Five seconds and
 * 630 MB on two cores that do nothing else.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const home = resolve(options.dataDir);
  await mkdir(home, { recursive: true });
  const token = randomBytes(24).toString('hex');
  await writeKeys(home, token);
  const started: ChildServer[] = [];
  const stop = async () => {
    // etcd last, because the others write to it until they end.
    for (const child of started.toReversed()) await child.stop();
  };
  const start = async (name: string, command: readonly string[]) => {
    const child = await childServer({
      name,
      command,
      env: { PATH: process.env['PATH'], HOME: home },
      cwd: home,
      logFile: join(home, `${name}.log`),
      marker: home,
      stopTimeoutMs: 5_000,
    });
    started.push(child);
    return child;
  };
  const startPart = (name: string, flags: Readonly<Record<string, string>>) =>
    start(name, [options.programs.controlPlane, name, ...flagsOf(flags)]);

  try {
    const etcdUrl = `http://127.0.0.1:${await freePort()}`;
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    await startPart('etcd', etcdFlags(home, etcdUrl, peerUrl));
    const port = await freePort();
    const url = `https://127.0.0.1:${port}`;
    const server = await startPart('kube-apiserver', serverFlags(home, etcdUrl, port));
    const authority = await certificateOf(home, server);
    const kubeconfig = join(home, 'kubeconfig');
    await writeFile(kubeconfig, JSON.stringify(kubeconfigOf({ url, token, authority })), { mode: 0o600 });
    const api = kubernetesApi({ url, token, authority });
    await untilReady(api, server);
    await startPart('kube-controller-manager', {
      kubeconfig,
      'service-account-private-key-file': join(home, 'accounts.key'),
      'root-ca-file': join(home, 'certificates/apiserver.crt'),
      'leader-elect': 'false',
      'secure-port': '0',
    });
    await startPart('kube-scheduler', { kubeconfig, 'leader-elect': 'false', 'secure-port': '0' });
    if (options.hasFakeNodes) {
      const [name, value] = Object.entries(fakeNodeAnnotation)[0] ?? [];
      const chosen = { 'manage-nodes-with-annotation-selector': `${name}=${value}` };
      const leases = { 'node-lease-duration-seconds': '40' };
      const flags = flagsOf({ kubeconfig, ...chosen, ...leases, 'manage-all-nodes': 'false' });
      await start('kwok', [options.programs.kwok, ...flags]);
    }
    return {
      url,
      token,
      authority,
      kubeconfig,
      api,
      stop: async () => {
        api.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdFlags(home: string, clientUrl: string, peerUrl: string): Record<string, string> {
  return {
    'data-dir': join(home, 'etcd'),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    // The data need not survive the machine.
    'unsafe-no-fsync': 'true',
  };
}

function serverFlags(home: string, etcdUrl: string, port: number): Record<string, string> {
  return {
    'etcd-servers': etcdUrl,
    'bind-address': '127.0.0.1',
    'secure-port': `${port}`,
    'advertise-address': ADVERTISED_ADDRESS,
    'endpoint-reconciler-type': 'none',
    'cert-dir': join(home, 'certificates'),
    'token-auth-file': join(home, 'tokens.csv'),
    'authorization-mode': 'Node,RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(home, 'accounts.pub'),
    'service-account-signing-key-file': join(home, 'accounts.key'),
    'service-cluster-ip-range': '10.96.0.0/16',
  };
}

function flagsOf(flags: Readonly<Record<string, string>>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

async function writeKeys(home: string, token: string): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await writeFile(join(home, 'accounts.pub'), publicKey);
  await writeFile(join(home, 'accounts.key'), privateKey, { mode: 0o600 });
  await writeFile(join(home, 'tokens.csv'), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
}

/** The API server makes its certificate itself; the file also holds the authority that signed it. */
async function certificateOf(home: string, server: ChildServer): Promise<string> {
  const file = join(home, 'certificates/apiserver.crt');
  return within(server, 'wrote no certificate', () => readFile(file, 'utf8'));
}

/** The default account exists as soon as the controllers run; the namespace as soon as the server does. */
async function untilReady(api: KubernetesApi, server: ChildServer): Promise<void> {
  await within(server, 'is not ready', async () => {
    const ready = await api.request('GET', '/readyz');
    if (ready.status !== 200) throw new Error(`/readyz answered ${ready.status}`);
    await api.read('/api/v1/namespaces/default');
  });
}

/** Tries until it succeeds, the server ends or the time is over. */
async function within<T>(server: ChildServer, fault: string, attempt: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const ended = server.exitReason();
      if (ended === undefined && performance.now() < deadline) {
        await delay(POLL_MS);
        continue;
      }
      const reason = ended ?? `after ${READY_TIMEOUT_MS / 1000} s`;
      throw new Error(`${server.name} ${fault} (${reason})\n${await server.logTail()}`, { cause: error });
    }
  }
}

function kubeconfigOf({ url, token, authority }: KubernetesAddress): unknown {
  const data = Buffer.from(authority).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server: url, 'certificate-authority-data': data } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
    'current-context': 'local',
  };
}
