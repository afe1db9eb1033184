import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from './log.ts';
import { mysqlAccount } from '../mysql/mysql-account.ts';
import { outputOf, reasonOf } from './reason-of.ts';

const run = promisify(execFile);

export interface ComposeServiceOptions {
  readonly service: ComposeServiceName;
  /** Folder of the server. Servers with the same parent folder share one Compose project. */
  readonly projectKey: string;
  readonly log: Log;
  /** Makes stop() remove the container and its volume. */
  readonly isThrowaway?: boolean;
  /** Variables of compose.yaml. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ComposeService {
  readonly port: number;
  /** Image version, from the pinned tag. */
  readonly tag: string;
  readonly origin: string;
  readonly logTail: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

type ComposeServiceName = 'mysql' | 'redis' | 'kafka' | 'localstack';

const composeFile = resolve(import.meta.dirname, '../compose.yaml');
const containerPorts: Readonly<Record<ComposeServiceName, number>> = {
  mysql: 3306,
  redis: 6379,
  kafka: 9092,
  localstack: 4566,
};
const DOCKER_INFO_TIMEOUT_MS = 3_000;
// The first start pulls the image.
const START_TIMEOUT_MS = 10 * 60_000;
const COMMAND_TIMEOUT_MS = 60_000;

/** Starts one service of localstack/compose.yaml and waits for its health check. Throws with the reason. */
export async function composeService(options: ComposeServiceOptions): Promise<ComposeService> {
  const { service, log } = options;
  const project = composeProject(options.projectKey);
  const compose = (args: readonly string[], timeout = COMMAND_TIMEOUT_MS) =>
    runCompose(project, args, timeout, options.env);
  log(`starting ${service} with Docker Compose (project ${project}; the first start pulls the image)`);
  await inTurn(() =>
    compose(['up', '--detach', '--wait', '--wait-timeout', '180', service], START_TIMEOUT_MS),
  );
  const published = await compose(['port', service, `${containerPorts[service]}`]);
  const port = Number(published.trim().split(':').at(-1));
  if (!Number.isInteger(port) || port === 0)
    throw new Error(`Docker Compose published no port for ${service}`);
  const image = (await compose(['config', '--images', service])).trim().split('\n')[0] ?? service;
  return {
    port,
    tag: image.split(':').at(-1) ?? 'unknown',
    origin: `Docker Compose, image ${image}`,
    logTail: () => compose(['logs', '--no-color', '--tail', '5', service]).catch(() => ''),
    async stop() {
      await compose(['stop', service]).catch(() => undefined);
      if (options.isThrowaway !== true) return;
      await compose(['rm', '--force', '--stop', '--volumes', service]).catch(() => undefined);
      await docker(['volume', 'rm', '--force', `${project}_${service}-data`], COMMAND_TIMEOUT_MS).catch(
        () => '',
      );
    },
  };
}

let lastStart: Promise<unknown> = Promise.resolve();

/**
 * One command at a time: services of a project share a network, which two concurrent commands would both
 * create.
 */
function inTurn<Result>(start: () => Promise<Result>): Promise<Result> {
  const turn = lastStart.then(start, start);
  lastStart = turn.catch(() => undefined);
  return turn;
}

/** Removes the containers and volumes of the folder's project. */
export async function removeComposeProject(projectKey: string): Promise<void> {
  await runCompose(composeProject(projectKey), ['down', '--volumes', '--timeout', '10'], COMMAND_TIMEOUT_MS);
}

let answer: Promise<boolean> | undefined;

/** True if a Docker engine responds within 3 s and has Compose. Checked once per process. */
export function isDockerAnswering(): Promise<boolean> {
  answer ??= Promise.all([
    docker(['info', '--format', '{{.ServerVersion}}'], DOCKER_INFO_TIMEOUT_MS),
    docker(['compose', 'version'], DOCKER_INFO_TIMEOUT_MS),
  ]).then(
    ([version]) => version.trim() !== '',
    () => false,
  );
  return answer;
}

function composeProject(projectKey: string): string {
  const parent = dirname(resolve(projectKey));
  return `rowlock-${createHash('sha256').update(parent).digest('hex').slice(0, 8)}`;
}

function runCompose(
  project: string,
  args: readonly string[],
  timeoutMs: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  return docker(['compose', '--file', composeFile, '--project-name', project, ...args], timeoutMs, variables);
}

async function docker(
  args: readonly string[],
  timeoutMs: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    ...process.env,
    ...variables,
    ROWLOCK_MYSQL_USER: mysqlAccount.user,
    ROWLOCK_MYSQL_PASSWORD: mysqlAccount.password,
  };
  try {
    const { stdout } = await run('docker', [...args], { env, timeout: timeoutMs, killSignal: 'SIGKILL' });
    return stdout;
  } catch (error) {
    throw new Error(outputOf(error).split('\n').at(-1) || reasonOf(error), { cause: error });
  }
}
