import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppProcess, type Role, startApp } from '../../support/shop/app-process.ts';
import { type FaultProxy, openFaultProxy } from '../../support/servers/fault-proxy.ts';
import { onThisMachine } from '../../support/on-this-machine.ts';
import { until } from '../../support/until.ts';
import { type ProcessName, processNames } from './fault-links.ts';

export const apiNames = ['api-1', 'api-2'] as const;

export type ApiName = (typeof apiNames)[number];

/** One process of the app, across all its restarts. */
export interface FleetMember {
  readonly name: ProcessName;
  /** For an API: the address for clients, stable across restarts. */
  readonly front: FaultProxy | undefined;
  /** The current process; the last one when none runs. */
  readonly app: AppProcess;
  readonly isRunning: boolean;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; throws if the process does not drain and exit with 0. */
  stop(): Promise<void>;
  /** Starts the process again; `main` is the entry point of another release. */
  start(main?: string): Promise<void>;
  /** SIGSTOP. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** Blocks the event loop for this long, from now on. */
  block(durationMs: number): void;
  /** Shifts its clock by this offset from the real time. */
  setClock(offsetMs: number): void;
  /** Unexpected exits: the log of each. */
  readonly crashes: readonly string[];
  /** Ended processes and the current one. */
  readonly lives: readonly AppProcess[];
}

export type Fleet = Readonly<Record<ProcessName, FleetMember>>;

const roleOf: Readonly<Record<ProcessName, Role>> = {
  'api-1': 'api',
  'api-2': 'api',
  worker: 'worker',
  'data-platform': 'data-platform',
};
const hooks = join(import.meta.dirname, 'process-hooks.ts');
/** Covers some seconds without a database. */
const START_TIMEOUT_MS = 25_000;
const TAIL_LINES = 30;

export interface FleetOptions {
  /** Folder of the processes' logs. */
  readonly dir: string;
  readonly envOf: (name: ProcessName) => Readonly<Record<string, string>>;
  /** Entry point of the first release. */
  readonly main: string;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const members = await Promise.all(processNames.map((name) => fleetMember(name, options)));
  return Object.fromEntries(members.map((member) => [member.name, member])) as Record<
    ProcessName,
    FleetMember
  >;
}

async function fleetMember(name: ProcessName, options: FleetOptions): Promise<FleetMember> {
  const ordersFile = join(options.dir, `${name}.orders.json`);
  let clockOffsetMs = 0;
  let isRunning = false;
  let isFrozen = false;
  let { main } = options;
  let front: FaultProxy | undefined;
  const lives: AppProcess[] = [];
  const crashes: string[] = [];

  const current = (): AppProcess => {
    const app = lives.at(-1);
    if (app === undefined) throw new Error(`${name} has not been started`);
    return app;
  };
  const order = (blockMs: number): void => {
    writeFileSync(ordersFile, JSON.stringify({ clockOffsetMs, blockMs }));
    if (isRunning) current().signal('SIGUSR2');
  };
  const noteEnd = async (app: AppProcess): Promise<void> => {
    const { code, signal } = await app.exited;
    if (!isRunning || current() !== app) return;
    // The exit was not requested.
    isRunning = false;
    crashes.push(`${name} ended with ${signal ?? `code ${code}`}:\n${app.tail(TAIL_LINES)}`);
  };
  const member: FleetMember = {
    name,
    get front() {
      return front;
    },
    get app() {
      return current();
    },
    get isRunning() {
      return isRunning;
    },
    crashes,
    lives,
    async kill() {
      if (!isRunning) return;
      isRunning = false;
      isFrozen = false;
      await Promise.all([current().kill(), front?.refuse()]);
    },
    async stop() {
      if (!isRunning) return;
      member.thaw();
      isRunning = false;
      await current().stop();
      await front?.refuse();
    },
    async start(other) {
      if (isRunning) return;
      main = other ?? main;
      const app = await startApp({
        main,
        roles: [roleOf[name]],
        env: { ...options.envOf(name), FAULT_ORDERS_FILE: ordersFile },
        nodeOptions: ['--import', hooks],
        startTimeoutMs: onThisMachine(START_TIMEOUT_MS),
        logFile: join(options.dir, `${name}.log`),
      });
      lives.push(app);
      isRunning = true;
      void noteEnd(app);
      if (roleOf[name] !== 'api') return;
      front ??= await openFaultProxy(app.url);
      front.retarget(app.url);
      await front.pass();
      await until(`${name} is ready`, async () => (await fetch(`${app.url}/readyz`)).ok);
    },
    freeze() {
      if (!isRunning) return;
      isFrozen = true;
      current().signal('SIGSTOP');
    },
    thaw() {
      if (isFrozen && isRunning) current().signal('SIGCONT');
      isFrozen = false;
    },
    block: (durationMs) => order(durationMs),
    setClock(offsetMs) {
      clockOffsetMs = offsetMs;
      order(0);
    },
  };
  await member.start();
  return member;
}
