import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeOptions } from '../shop/node-options.ts';
import { deadlines } from '../../lib/settings/deadlines.ts';
import { type ChildServer, childServer } from '../../localstack/processes/child-server.ts';
import { freePort } from '../../localstack/processes/free-port.ts';
import type { Release } from './release.ts';

export type AppEnvironment = Readonly<Record<string, string>>;

/** The processes of one release on one machine, started and stopped like an instance's units. */
export interface Instance {
  readonly release: Release;
  readonly url: string;
  /** Stops API and worker. Throws when one does not exit on SIGTERM with code 0. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

interface Machine {
  readonly release: Release;
  readonly env: AppEnvironment;
  /** Folder for logs. */
  readonly dir: string;
  readonly name: string;
}

/** Migrates the database, as the stacks' function does before a release replaces an instance. */
export async function migrateDatabase(machine: Machine): Promise<void> {
  const migrating = await startProcess(machine, 'migrate', machine.env);
  const migrated = await migrating.exited;
  if (migrated !== 'exit code 0') {
    throw new Error(`${machine.name}: migrations ended with ${migrated}:\n${await migrating.logTail()}`);
  }
}

/** Starts API and worker. Resolves once the API listens; the balancer detects when it is ready. */
export async function startInstance(machine: Machine): Promise<Instance> {
  const port = await freePort();
  const env = { ...machine.env, HTTP_PORT: `${port}` };
  const children = await Promise.all([
    startProcess(machine, 'api', env),
    startProcess(machine, 'worker', env),
  ]);
  for (const child of children) await started(child);
  return {
    release: machine.release,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await Promise.all(children.map(stopped));
    },
  };
}

/** Starts the process that counts events. */
export async function startConsumer(machine: Machine): Promise<{ stop(): Promise<void> }> {
  const child = await startProcess(machine, 'data-platform', machine.env);
  await started(child);
  return { stop: () => stopped(child) };
}

function startProcess(
  { release, dir, name }: Machine,
  role: string,
  env: AppEnvironment,
): Promise<ChildServer> {
  const program = join(release.dir, 'app/main.ts');
  return childServer({
    name: `${name} ${role}`,
    command: [process.execPath, ...nodeOptions, program, role],
    env: { PATH: process.env.PATH, ...env, ...release.env },
    cwd: release.dir,
    logFile: join(dir, `${name}-${role}.log`),
    marker: `${program} ${role}`,
    stopTimeoutMs: deadlines.stopTimeoutS * 1000,
  });
}

async function started(child: ChildServer): Promise<void> {
  const lastMs = performance.now() + START_TIMEOUT_MS;
  while (!(await child.logTail(1000)).includes('"event":"role_started"')) {
    const reason = child.exitReason();
    if (reason !== undefined || performance.now() > lastMs) {
      throw new Error(`${child.name} did not start (${reason ?? 'in time'}):\n${await child.logTail()}`);
    }
    await delay(POLL_MS);
  }
}

async function stopped(child: ChildServer): Promise<void> {
  await child.stop();
  const reason = child.exitReason();
  if (reason !== 'exit code 0') {
    throw new Error(`${child.name} ended with ${reason} after SIGTERM:\n${await child.logTail()}`);
  }
}
