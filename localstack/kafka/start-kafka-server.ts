import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { childServer, type ChildServer } from '../processes/child-server.ts';
import { composeService, isDockerAnswering } from '../processes/compose-service.ts';
import { freePort } from '../processes/free-port.ts';
import type { Log } from '../processes/log.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';
import { stopLeftover } from '../processes/stop-leftover.ts';
import { firstThatStarts } from '../programs/start-first.ts';
import { type BrokerPorts, brokerSettings, type ExtraListener } from './broker-settings.ts';
import { installedJava, type Java, packagedJava } from './find-java.ts';
import { kafkaJars, type KafkaJars } from './kafka-jars.ts';

const run = promisify(execFile);

export interface KafkaServerOptions {
  /** Folder of this server: data, log and pid files. stop() keeps it. */
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly log: Log;
  readonly preferredPort?: number | undefined;
  /** Number of brokers; 1 by default. Several run as local processes only. */
  readonly brokerCount?: number;
  readonly extraListener?: ExtraListener;
  /** Makes stop() remove a container, and not wait long for processes: their data is thrown away. */
  readonly isThrowaway?: boolean;
}

export interface KafkaBroker {
  /** Undefined while it does not run, and in a container. */
  pid(): number | undefined;
  /** Kills the process as a power failure would. */
  kill(): Promise<void>;
  /** Starts the process on its data and ports. Resolves once it answers. */
  start(): Promise<void>;
}

export interface KafkaServer {
  readonly version: string;
  readonly port: number;
  /** Host and port of every broker, separated by commas. */
  readonly brokers: string;
  /** The same for the extra listener. */
  readonly extraBrokers: string;
  readonly nodes: readonly KafkaBroker[];
  readonly origin: string;
  /** Resolves with the reason when a process ends unexpectedly; never for a container. */
  readonly exited: Promise<string>;
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

const START_ATTEMPTS = 3;
/** 3 s on a quiet machine, 16 s seen on a busy one. */
const READY_TIMEOUT_MS = 120_000;
const FORMAT_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/** Several brokers that stop at once wait for each other. */
const THROWAWAY_STOP_TIMEOUT_MS = 1000;
const POLL_MS = 200;
/** A broker for one shop needs 150 MB in all with these. */
const jvm = ['-Xms64m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

const installLines = `No Kafka could be started. Install Java 17 or later and run the command again:
  Debian, Ubuntu: sudo apt-get install default-jre-headless ivy
  Fedora:         sudo dnf install java-21-openjdk-headless apache-ivy
  macOS:          brew install kafka
or set KAFKA_BROKERS to the host and port of a broker.`;

/**
 * Starts Apache Kafka without ZooKeeper: with the Java of this machine, else with Docker Compose, else with
 * Debian's Java, unpacked in the cache. Resolves once every broker answers. Throws with install instructions
 * if all fail.
 */
export async function startKafkaServer(options: KafkaServerOptions): Promise<KafkaServer> {
  const { cacheDir, log } = options;
  const needsProcesses = (options.brokerCount ?? 1) > 1 || options.extraListener !== undefined;
  const withJava = async (java: Java) => startBrokers(options, java, await kafkaJars(java, cacheDir, log));
  const attempts = [
    { name: 'Java of this machine', start: async () => withJava(await installedJava()) },
    ...(!needsProcesses && (await isDockerAnswering())
      ? [{ name: 'Docker Compose', start: () => startContainer(options) }]
      : []),
    { name: 'Debian packages', start: async () => withJava(await packagedJava(cacheDir, log)) },
  ];
  return firstThatStarts(attempts, installLines, log);
}

interface Program {
  readonly java: Java;
  readonly jars: KafkaJars;
}

async function startBrokers(options: KafkaServerOptions, java: Java, jars: KafkaJars): Promise<KafkaServer> {
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(options, attempt);
    const numbers = ports.map((_, index) => index + 1);
    const program = { java, jars };
    const cluster = randomBytes(16).toString('base64url');
    const nodes = await Promise.all(
      numbers.map((node) => openBroker({ ...options, node, ports, cluster, program })),
    );
    const stop = async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    };
    const brokers = ports.map(({ client }) => `127.0.0.1:${client}`).join(',');
    try {
      await Promise.all(nodes.map((node) => node.start()));
      return {
        version: jars.version,
        port: ports[0]?.client ?? 0,
        brokers,
        extraBrokers: ports.map(({ extra }) => `127.0.0.1:${extra}`).join(','),
        nodes,
        origin: `Java ${java.version} (${java.origin}), ${jars.origin}`,
        exited: Promise.race(nodes.map(({ ended }) => ended)),
        logTail: async () => (await Promise.all(nodes.map((node) => node.logTail()))).join('\n'),
        stop,
      };
    } catch (error) {
      await stop();
      if (!/already in use/i.test(reasonOf(error)) || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function choosePorts(options: KafkaServerOptions, attempt: number): Promise<BrokerPorts[]> {
  const ports: BrokerPorts[] = [];
  for (let node = 1; node <= (options.brokerCount ?? 1); node++) {
    const preferred = attempt === 1 && node === 1 ? options.preferredPort : undefined;
    ports.push({
      client: await freePort(preferred),
      controller: await freePort(),
      ...(options.extraListener === undefined ? {} : { extra: await freePort() }),
    });
  }
  return ports;
}

interface OpenBrokerOptions extends KafkaServerOptions {
  readonly node: number;
  readonly ports: readonly BrokerPorts[];
  readonly cluster: string;
  readonly program: Program;
}

interface LocalBroker extends KafkaBroker {
  /** Resolves with the reason when the process ends without having been stopped or killed here. */
  readonly ended: Promise<string>;
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

/** Writes the settings of one broker and formats its folder where it is new. */
async function openBroker(options: OpenBrokerOptions): Promise<LocalBroker> {
  const { node, ports, program } = options;
  const home = join(resolve(options.dataDir), `node-${node}`);
  const pidFile = join(home, 'kafka.pid.json');
  const leftover = await stopLeftover(pidFile);
  if (leftover !== undefined) options.log(`stopped a leftover Kafka broker (pid ${leftover})`);
  await mkdir(home, { recursive: true });
  const settings = join(home, 'server.properties');
  const dataDir = join(home, 'data');
  const { extraListener } = options;
  await writeFile(settings, brokerSettings({ node, ports, dataDir, extraListener }), { mode: 0o600 });
  await formatOnce(options, settings, dataDir);

  const unexpected = Promise.withResolvers<string>();
  let child: ChildServer | undefined;
  const stopChild = async (how: (running: ChildServer) => Promise<void>) => {
    const running = child;
    child = undefined;
    if (running !== undefined) await how(running);
  };
  return {
    ended: unexpected.promise,
    pid: () => child?.pid,
    logTail: async () => (await child?.logTail()) ?? '',
    async start() {
      if (child !== undefined) return;
      const started = await childServer({
        name: 'Kafka',
        command: javaCommand(program, ['kafka.Kafka', settings]),
        env: { ...process.env, ...program.java.env },
        cwd: home,
        logFile: join(home, 'kafka.log'),
        pidFile,
        marker: settings,
        stopTimeoutMs: options.isThrowaway === true ? THROWAWAY_STOP_TIMEOUT_MS : STOP_TIMEOUT_MS,
      });
      child = started;
      void started.exited.then((reason) => (child === started ? unexpected.resolve(reason) : undefined));
      await untilAnswers(started, ports[node - 1]?.client ?? 0, ports.length);
    },
    kill: () =>
      stopChild(async (running) => {
        process.kill(running.pid, 'SIGKILL');
        await running.exited;
      }),
    stop: () => stopChild((running) => running.stop()),
  };
}

const javaCommand = ({ java, jars }: Program, args: readonly string[]) => [
  java.executable,
  ...jvm,
  '-cp',
  jars.classPath,
  ...args,
];

async function formatOnce(
  { program, cluster }: OpenBrokerOptions,
  settings: string,
  dataDir: string,
): Promise<void> {
  const isFormatted = await access(join(dataDir, 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (isFormatted) return;
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', cluster, '--config', settings];
  const [executable = '', ...args] = javaCommand(program, tool);
  await run(executable, args, {
    env: { ...process.env, ...program.java.env },
    timeout: FORMAT_TIMEOUT_MS,
  }).catch((error: unknown) => {
    const [reason] = (outputOf(error) || reasonOf(error)).split('\n');
    throw new Error(`Kafka's data folder could not be made: ${reason}`, { cause: error });
  });
}

/** Waits until the broker knows all brokers: before that it creates no topic with replicas. */
async function untilAnswers(child: ChildServer, port: number, brokerCount: number): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let isAnswering = false;
  while (Date.now() < deadline) {
    const reason = child.exitReason();
    if (reason !== undefined) throw new Error(`Kafka did not start: ${reason}\n${await child.logTail()}`);
    const known = await brokersKnownTo(port);
    if (known === brokerCount) return;
    isAnswering = known > 0;
    await delay(POLL_MS);
  }
  const what = isAnswering ? 'did not find its other brokers' : 'did not answer';
  throw new Error(`Kafka ${what} within ${READY_TIMEOUT_MS / 1000} s\n${await child.logTail()}`);
}

/** 0 while it does not answer. */
async function brokersKnownTo(port: number): Promise<number> {
  const admin = new Admin({
    clientId: 'rowlock-start',
    bootstrapBrokers: [`127.0.0.1:${port}`],
    connectTimeout: 2000,
    requestTimeout: 4000,
    retries: 0,
  });
  try {
    return (await admin.metadata({})).brokers.size;
  } catch {
    return 0;
  } finally {
    await admin.close().catch(() => undefined);
  }
}

async function startContainer(options: KafkaServerOptions): Promise<KafkaServer> {
  const container = await composeService({
    service: 'kafka',
    projectKey: options.dataDir,
    log: options.log,
    isThrowaway: options.isThrowaway ?? false,
    // A broker tells its clients its address, so it has to know the published port.
    env: { ROWLOCK_KAFKA_PORT: `${await freePort(options.preferredPort)}` },
  });
  return {
    version: container.tag,
    port: container.port,
    brokers: `127.0.0.1:${container.port}`,
    extraBrokers: '',
    nodes: [],
    origin: container.origin,
    exited: new Promise(() => undefined),
    logTail: container.logTail,
    stop: container.stop,
  };
}
