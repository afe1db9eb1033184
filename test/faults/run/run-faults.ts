import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pause } from '../../../app/platform/load/pause.ts';
import { seededRandom } from '../../bench/load/seeded-random.ts';
import { appEnvironment } from '../../support/shop/app-environment.ts';
import { withCleanup } from '../../support/cleanup.ts';
import { leavesEffect } from '../check/operations.ts';
import { checkHistory, type Violation } from '../check/check-history.ts';
import { readFinalState } from '../check/read-final-state.ts';
import { readHistory } from '../history/read-history.ts';
import { wordsOf } from '../history/shop-words.ts';
import { type HistoryWriter, writeHistory } from '../history/write-history.ts';
import { openAwsFront } from './aws-front.ts';
import { appAccount, DATABASE_NAME, directDatabase } from './direct-database.ts';
import { directRedis } from './direct-redis.ts';
import type { FaultWorld } from './fault.ts';
import { type ApiName, startFleet } from './fault-fleet.ts';
import { openFaultLinks, type ProcessName } from './fault-links.ts';
import { startFaultServers } from './fault-servers.ts';
import { CANCEL_WINDOW_S, openFaultShop } from './fault-shop.ts';
import { faultsOn } from './faults/all-faults.ts';
import { logComplaints } from './log-complaints.ts';
import { startPictureUploads } from './picture-uploads.ts';
import { projectDirs } from './project-dirs.ts';
import { type DirectTopic, runKafka } from './run-kafka.ts';
import { type DirectQueue, runQueue } from './run-queue.ts';
import { runSchedule } from './run-schedule.ts';
import { samplingReader } from './sampling-reader.ts';
import { brokersOf, scheduleOf } from './schedule.ts';
import { healWorld, retryUnknown, untilDrained } from './settle-run.ts';
import { type ShiftedClock, untilShortlyBeforeMidnight } from './shifted-clock.ts';
import { shopOperations } from './shop-operations.ts';
import { startWorkload } from './shop-workload.ts';

export interface FaultRunOptions {
  readonly seed: number;
  /** Copy of the project whose app runs; by default this project. */
  readonly appDir?: string;
  /** Names of the faults to draw from; by default all. */
  readonly schedule?: readonly string[];
  /** What carries order events; SQS by default. */
  readonly events?: 'sqs' | 'kafka';
  /** The clock of this process, which the database and the app get too. By default the real time. */
  readonly clock?: ShiftedClock;
  /** Parent of the run's folder; by default the system's folder for temporary files. */
  readonly workDir?: string;
}

export interface FaultRun {
  readonly seed: number;
  /** Engine and version, such as `MySQL 9.7.4`. */
  readonly database: string;
  /** Findings of the checker: the shop has broken a promise. */
  readonly violations: readonly Violation[];
  /**
   * Other things that must not happen: a process that exits on its own, a key without an answer, a queue that
   * stays full.
   */
  readonly complaints: readonly string[];
  readonly counts: FaultRunCounts;
  /** Folder with the history and all logs. It stays; the caller removes it when it is not needed. */
  readonly dir: string;
  readonly historyFile: string;
}

export interface FaultRunCounts {
  readonly durationMs: number;
  /**
   * Durations of its phases: until the first client started, while things broke, and until everything was at
   * rest.
   */
  readonly phasesMs: readonly number[];
  /** Number of faults, by name. */
  readonly faults: Readonly<Record<string, number>>;
  readonly attempts: number;
  /** Operations that change something and were acknowledged. */
  readonly acknowledged: number;
  readonly refused: number;
  /** Attempts whose outcome was unknown when they ended. */
  readonly unknown: number;
  readonly samples: number;
  /** Number of times that each word of shop-language.ts was sent or received. */
  readonly words: Readonly<Record<string, number>>;
}

/** Load after the last fault, so that clients see its end too. */
const AFTERMATH_MS = 400;

/**
 * One run with its own servers, processes and clients, the faults of its seed, and the checker at the end.
 * Throws if the run could not be executed; findings are in the result.
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const startMs = performance.now();
  const workDir = options.workDir ?? tmpdir();
  mkdirSync(workDir, { recursive: true });
  const dir = mkdtempSync(join(workDir, `rowlock-faults-${options.seed}-`));
  const historyFile = join(dir, 'history.jsonl');
  const history = writeHistory(historyFile);
  try {
    const { phasesMs, ...seen } = await withCleanup(() => carryOut(options, dir, history, historyFile));
    const counts = countsOf(historyFile, { durationMs: performance.now() - startMs, phasesMs });
    return { seed: options.seed, ...seen, counts, dir, historyFile };
  } finally {
    history.close();
    for (const server of ['mysql', 'redis', 'aws']) removeData(join(dir, server));
  }
}

async function carryOut(
  { seed, appDir = projectDirs.top, schedule: only, events = 'sqs', clock }: FaultRunOptions,
  dir: string,
  history: HistoryWriter,
  historyFile: string,
): Promise<Pick<FaultRun, 'database' | 'violations' | 'complaints'> & Pick<FaultRunCounts, 'phasesMs'>> {
  const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
  const complaints: string[] = [];
  const phasesMs: number[] = [];
  let phaseMs = nowMs();
  const endPhase = (): void => {
    phasesMs.push(Math.round(nowMs() - phaseMs));
    phaseMs = nowMs();
  };
  const faults = faultsOn(events);
  const schedule = scheduleOf(seed, faults, only);
  const brokerCount = brokersOf(schedule, faults);
  const { world, queue, topic } = await openWorld(
    { dir, appDir, seed, events, brokerCount, clock },
    history,
    nowMs,
    (what) => complaints.push(what),
  );
  const addressOf = (name: ApiName) => `http://127.0.0.1:${world.fleet[name].front?.port}`;
  const { shop, operations, database, fleet } = world;

  await shop.openDoors();
  if (clock !== undefined) await untilShortlyBeforeMidnight();
  history.write({ type: 'begin', seed, atMs: nowMs(), wallMs: Date.now(), shop: shop.before });
  endPhase();
  const reader = samplingReader(database, history, nowMs);
  const urls = [addressOf('api-1'), addressOf('api-2')] as const;
  const workload = startWorkload({ seed, shop, operations, urls });
  const pictures = startPictureUploads({ shop, operations, urls });
  await runSchedule(world, schedule, { faults, history, nowMs });
  await pause(AFTERMATH_MS, new AbortController().signal);
  await Promise.all([workload.stop(), pictures.stop()]);
  endPhase();
  await healWorld(world);
  await retryUnknown(world, addressOf);
  await untilDrained(world, queue, pictures);
  await reader.stop();
  // Whatever happened before, the processes now exit in order.
  await Promise.all(
    Object.values(fleet).map((member) =>
      member.stop().catch((error: unknown) => complaints.push(`${member.name} at the end: ${String(error)}`)),
    ),
  );
  endPhase();
  history.write({ type: 'end', atMs: nowMs() });
  for (const member of Object.values(fleet)) {
    complaints.push(...member.crashes, ...logComplaints(member, queue.poisons.length > 0));
  }
  const rows = await readFinalState(database.url);
  const state = topic === undefined ? rows : { ...rows, topic: await topic.finalState() };
  // Needed to check the history later, when the database has been removed.
  writeFileSync(join(dir, 'final-state.json'), JSON.stringify(state));
  const violations = checkHistory(readHistory(historyFile), state);
  const product = [world.servers.mysql.product, ...(topic === undefined ? [] : [topic.product])].join(
    ' with ',
  );
  return { database: product, violations, complaints, phasesMs };
}

interface WorldOptions {
  readonly dir: string;
  readonly appDir: string;
  readonly seed: number;
  readonly events: 'sqs' | 'kafka';
  readonly brokerCount: number;
  readonly clock: ShiftedClock | undefined;
}

async function openWorld(
  { dir, appDir, seed, events, brokerCount, clock }: WorldOptions,
  history: HistoryWriter,
  nowMs: () => number,
  complain: (what: string) => void,
): Promise<{ world: FaultWorld; queue: DirectQueue; topic: DirectTopic | undefined }> {
  const moved = new Map<string, (url: string) => void>();
  const servers = await startFaultServers(dir, (name, url) => moved.get(name)?.(url), clock);
  const database = directDatabase(servers.mysql);
  const [shop, sqs, awsFront, topic] = await Promise.all([
    openFaultShop(servers, database),
    runQueue(servers.aws),
    openAwsFront(servers.aws.url, seededRandom(seed)),
    events === 'kafka' ? runKafka(brokerCount) : undefined,
  ]);
  const queue = { ...sqs, ...topic?.queue };
  const links = await openFaultLinks({
    mysql: servers.mysql.url,
    redis: servers.redis.url,
    aws: awsFront.url,
  });
  moved.set('mysql', (url) => links.retarget('mysql', url));
  moved.set('redis', (url) => links.retarget('redis', url));
  moved.set('aws', (url) => awsFront.retarget(url));

  const envOf = (name: ProcessName): Record<string, string> => {
    const endpointUrl = links.of(name, 'aws').through(awsFront.url).replace(/\/$/, '');
    const databaseUrl = new URL(links.of(name, 'mysql').through(servers.mysql.url));
    Object.assign(databaseUrl, {
      username: appAccount.user,
      password: appAccount.password,
      pathname: `/${DATABASE_NAME}`,
    });
    const queueUrl = new URL(new URL(queue.queueUrl).pathname, endpointUrl).href;
    return {
      ...appEnvironment(
        { url: databaseUrl.href },
        { url: links.of(name, 'redis').through(servers.redis.url) },
        { ...queue, endpointUrl, queueUrl },
        topic?.env,
      ),
      ...shortTimes,
      ...sharedLane(dir, seed),
      ...compileCache(),
      ...clock,
    };
  };
  const fleet = await startFleet({ dir, envOf, main: join(appDir, 'app/main.ts') });
  const operations = shopOperations(history, nowMs, complain);
  const redis = directRedis(servers.redis);
  const world = { dir, appDir, servers, links, fleet, awsFront, database, redis, shop, operations };
  const others = { queue, kafka: topic, complain, release: { isNew: false } };
  return { world: { ...world, ...others }, queue, topic };
}

/** In every second run one of the two API processes executes the orders of both. */
function sharedLane(dir: string, seed: number): Record<string, string> {
  return seed % 2 === 0 ? { ORDER_LANE_DIR: join(dir, 'lane') } : {};
}

/** Halves the start time of processes. Off while coverage is measured, which would be inexact. */
function compileCache(): Record<string, string> {
  if (process.env.NODE_V8_COVERAGE !== undefined) return {};
  return { NODE_COMPILE_CACHE: join(projectDirs.cacheDir, 'fault-runs-compiled') };
}

/** A run lasts seconds: it repeats several times what the app does once per minute. */
const shortTimes = {
  RELAY_GRACE_MS: '400',
  RELAY_LEASE_MS: '1500',
  RELAY_POLL_MS: '50',
  COUPON_RECONCILE_EVERY_MS: '300',
  LISTING_RECONCILE_EVERY_MS: '1000',
  IMAGE_POLL_MS: '200',
  IMAGE_LEASE_MS: '1500',
  INBOX_PURGE_EVERY_MS: '1000',
  // The app's own auditor checks too, and must report nothing.
  AUDIT_EVERY_MS: '1000',
  ORDER_CANCEL_WINDOW_S: String(CANCEL_WINDOW_S),
};

function countsOf(
  historyFile: string,
  { durationMs, phasesMs }: Pick<FaultRunCounts, 'durationMs' | 'phasesMs'>,
): FaultRunCounts {
  const kinds = new Map<number, { name: string; changes: boolean }>();
  const acknowledged = new Set<string>();
  const faults: Record<string, number> = {};
  const counted = { attempts: 0, refused: 0, unknown: 0, samples: 0 };
  const lines = readHistory(historyFile);
  for (const line of lines) {
    switch (line.type) {
      case 'invoke': {
        counted.attempts += 1;
        const changes = leavesEffect(line.kind);
        kinds.set(line.op, { name: `${line.kind} ${line.user} ${line.key}`, changes });
        break;
      }
      case 'ok': {
        const asked = kinds.get(line.op);
        if (asked?.changes === true) acknowledged.add(asked.name);
        break;
      }
      case 'fail':
        counted.refused += 1;
        break;
      case 'unknown':
        counted.unknown += 1;
        break;
      case 'sample':
        counted.samples += 1;
        break;
      case 'fault':
        if (line.phase === 'begin') faults[line.name] = (faults[line.name] ?? 0) + 1;
        break;
      default:
    }
  }
  return {
    durationMs: Math.round(durationMs),
    phasesMs,
    faults,
    acknowledged: acknowledged.size,
    ...counted,
    words: wordsOf(lines),
  };
}

/** Removes a database's 100 MB of data but keeps its log. */
function removeData(home: string): void {
  for (const name of ['data-mariadb', 'data-mysql', 'appendonlydir', 'embedded']) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
}
