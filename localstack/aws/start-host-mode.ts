import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { startOnFreePort } from '../processes/start-on-free-port.ts';
import { stopLeftover } from '../processes/stop-leftover.ts';
import type { AwsEndpoint } from './aws-endpoint.ts';
import { localstackEnvironment, localstackVersion } from './localstack-environment.ts';

export interface HostModeOptions {
  /** Folder of this server: log, certificate and pid file. */
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly region: string;
  readonly log: (line: string) => void;
  readonly preferredPort?: number | undefined;
  /** Adds CloudFormation to S3 and SQS. */
  readonly deploysStacks?: boolean;
}

const launcher = join(import.meta.dirname, 'host-mode.py');
const READY_TIMEOUT_MS = 90_000;
const POLL_MS = 100;

/**
 * Starts LocalStack without Docker, in a Python virtual environment in the cache. Throws an Error that begins
 * with `LocalStack: not obtainable` if it cannot be installed. Its data is lost at stop(): persistence is a
 * paid feature.
 */
export async function startHostMode(options: HostModeOptions): Promise<AwsEndpoint> {
  const home = resolve(options.dataDir);
  const pidFile = join(home, 'localstack.pid.json');
  const leftover = await stopLeftover(pidFile);
  if (leftover !== undefined) options.log(`stopped a leftover LocalStack (pid ${leftover})`);
  const venv = await localstackEnvironment(resolve(options.cacheDir), options.log, {
    withCloudFormation: options.deploysStacks === true,
  });
  const filesDir = join(home, 'localstack');
  await rm(filesDir, { recursive: true, force: true });
  await mkdir(filesDir, { recursive: true });
  const { child, port } = await startOnFreePort({
    name: `LocalStack ${localstackVersion}`,
    preferredPort: options.preferredPort,
    start: (port) =>
      childServer({
        name: 'LocalStack',
        // The port identifies this process in the process list.
        command: [join(venv, 'bin', 'python'), launcher, `${filesDir}:${port}`],
        env: hostModeSettings(filesDir, port, options.deploysStacks === true),
        cwd: filesDir,
        logFile: join(home, 'localstack.log'),
        pidFile,
        marker: filesDir,
        stopTimeoutMs: 10_000,
      }),
    // Require "Ready." in this child's log: another process on the port could answer the health page.
    isReady: async (port, child) => /^Ready\.$/m.test(await child.logTail(50)) && (await isHealthy(port)),
    timeoutMs: READY_TIMEOUT_MS,
    pollMs: POLL_MS,
  });
  return hostModeEndpoint(child, port);
}

function hostModeEndpoint(child: ChildServer, port: number): AwsEndpoint {
  return {
    kind: 'localstack-host',
    product: 'LocalStack',
    version: localstackVersion,
    endpoint: `http://127.0.0.1:${port}`,
    pid: child.pid,
    origin: 'host mode, from a Python virtual environment; what it stores is gone when it stops',
    hasBucketConfiguration: true,
    checksUploads: true,
    keepsData: false,
    exited: child.exited,
    logTail: () => child.logTail(),
    stop: () => child.stop(),
  };
}

function hostModeSettings(filesDir: string, port: number, deploysStacks: boolean): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    // Keeps LocalStack's files out of the user's home.
    HOME: filesDir,
    TMPDIR: filesDir,
    FILESYSTEM_ROOT: filesDir,
    // In a container without Docker, LocalStack would assume its own image and write to /var/lib.
    OVERRIDE_IN_DOCKER: '0',
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    SERVICES: deploysStacks ? 's3,sqs,cloudformation,sts' : 's3,sqs',
    // By default an unknown resource counts as created.
    CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES: '0',
    // With this setting the newer engine asks the vendor's server which resources it supports, and supports
    // none offline.
    PROVIDER_OVERRIDE_CLOUDFORMATION: 'engine-legacy',
    EAGER_SERVICE_LOADING: '1',
    // Default 1 accepts tampered and expired presigned requests.
    S3_SKIP_SIGNATURE_VALIDATION: '0',
    SQS_ENDPOINT_STRATEGY: 'path',
    // No telemetry, no downloads, no DNS server.
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DNS_ADDRESS: '0',
    PYTHONWARNINGS: 'ignore',
    PYTHONUNBUFFERED: '1',
  };
}

/** True once LocalStack's health page responds. */
async function isHealthy(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/_localstack/health`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
