import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeOptions } from './node-options.ts';
import { childServer, type ChildServer } from '../../localstack/processes/child-server.ts';
import { stopLeftover } from '../../localstack/processes/stop-leftover.ts';
import { shopPaths } from './shop-paths.ts';
import type { StartedThings } from './started-things.ts';

const roles = ['api', 'worker', 'data-platform'] as const;
type Role = (typeof roles)[number];

/** Debugger port of each role in development. */
export const inspectPorts: Readonly<Record<Role, number>> = {
  api: 9229,
  worker: 9230,
  'data-platform': 9231,
};

export interface StartRolesOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Let debuggers attach. */
  readonly dev: boolean;
  readonly started: StartedThings;
  readonly onUnexpectedEnd: (name: string, reason: string, logTail: string) => void;
}

const program = join(shopPaths.root, 'app', 'main.ts');
/** Roles that are among the started things already. */
const known = new Set<Role>();
/** The latest process of each role. */
const running = new Map<Role, ChildServer>();
const READY_TIMEOUT_MS = 60_000;
/** A syntax error and its stack trace. */
const ENDED_TAIL_LINES = 20;
const POLL_MS = 25;
// Longer than the app's own drain timeout.
const STOP_TIMEOUT_MS = 30_000;

/** Starts the three roles as child processes and resolves with the API's URL once all are up. */
export async function startRoles(options: StartRolesOptions): Promise<string> {
  const children = await Promise.all(roles.map((role) => startRole(role, options)));
  await Promise.all(children.map((child, index) => waitUntilUp(child, roles[index] ?? 'api')));
  const [api] = children;
  if (api === undefined) throw new Error('no API was started');
  const url = await apiUrl(api, options.env);
  await waitUntilReady(api, url);
  return url;
}

/** Stops role processes left by an earlier run. */
export async function stopLeftoverRoles(log: (line: string) => void): Promise<void> {
  await Promise.all(
    roles.map(async (role) => {
      const pid = await stopLeftover(pidFileOf(role));
      if (pid !== undefined) log(`stopped a leftover ${role} (pid ${pid})`);
    }),
  );
}

async function startRole(role: Role, options: StartRolesOptions): Promise<ChildServer> {
  const inspect = options.dev ? [`--inspect=127.0.0.1:${inspectPorts[role]}`] : [];
  const child = await childServer({
    name: role,
    command: [process.execPath, ...nodeOptions, ...inspect, program, role],
    env: options.env,
    cwd: shopPaths.root,
    logFile: join(shopPaths.logs, `${role}.log`),
    pidFile: pidFileOf(role),
    marker: `${program} ${role}`,
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  running.set(role, child);
  if (!known.has(role))
    await options.started.add({
      name: role,
      stopStep: role === 'api' ? 'api' : 'background',
      stop: async () => running.get(role)?.stop(),
    });
  known.add(role);
  void watch(role, child, options);
  return child;
}

async function watch(role: Role, child: ChildServer, options: StartRolesOptions): Promise<void> {
  const reason = await child.exited;
  // Stopped to be started again.
  if (running.get(role) !== child) return;
  running.delete(role);
  options.onUnexpectedEnd(role, reason, await child.logTail());
}

/** Stops the running roles, so that they can be started again. Their ends are expected. */
export async function stopRoles(): Promise<void> {
  const children = [...running.values()];
  running.clear();
  await Promise.all(children.map((child) => child.stop()));
}

async function waitUntilUp(child: ChildServer, role: Role): Promise<void> {
  await waitFor(child, `${role} did not start`, async () => {
    const lines = await child.logTail(1000);
    return lines.includes('"event":"role_started"');
  });
}

async function waitUntilReady(child: ChildServer, url: string): Promise<void> {
  await waitFor(child, `${url}/readyz did not answer 200`, async () => {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(
      () => undefined,
    );
    await response?.arrayBuffer().catch(() => undefined);
    return response?.ok === true;
  });
}

/** URL of the API. With HTTP_PORT=0 its port is read from the log. */
async function apiUrl(api: ChildServer, env: NodeJS.ProcessEnv): Promise<string> {
  const listening = (await api.logTail(1000))
    .split('\n')
    .find((line) => line.includes('"event":"http_listening"'));
  const port = /"port":(\d+)/.exec(listening ?? '')?.[1] ?? env.HTTP_PORT;
  const host = env.HTTP_HOST || '127.0.0.1';
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

async function waitFor(child: ChildServer, failure: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isTrue())) {
    const reason = child.exitReason();
    if (reason !== undefined)
      throw new Error(`${child.name} ended (${reason}):\n${await child.logTail(ENDED_TAIL_LINES)}`);
    if (Date.now() > deadline)
      throw new Error(`${failure} within ${READY_TIMEOUT_MS / 1000} s:\n${await child.logTail()}`);
    await delay(POLL_MS);
  }
}

function pidFileOf(role: Role): string {
  return join(shopPaths.run, `${role}.pid.json`);
}
