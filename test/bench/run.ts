/** `npm run bench`: see bench-options.ts for the options and docs/performance.md for the method. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serverFromDebian } from '../../localstack/programs/server-from-debian.ts';
import { type KafkaServer, startKafkaServer } from '../../localstack/kafka/start-kafka-server.ts';
import type { MysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { auditShop } from './audit-shop.ts';
import { type BenchOptions, parseBenchOptions, usage } from './bench-options.ts';
import { type BenchPlan, planBench } from './bench-plan.ts';
import { startBenchDatabase, startBenchServers } from './bench-servers.ts';
import type { CellResult } from './cell-result.ts';
import { describeMachine } from './describe-machine.ts';
import { hasWrk } from './measure-by-wrk.ts';
import { openShops } from './open-shops.ts';
import { ratioTable } from './ratio-table.ts';
import { chartSvg } from './report/chart-svg.ts';
import { isDisturbed, resultLine } from './report/result-line.ts';
import { figuresTable, ratiosTable } from './report/tables.ts';
import { assertNoFaults, runRound } from './run-round.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';

const USAGE_ERROR = 2;
const INTERRUPTED = 130;

const top = join(import.meta.dirname, '../..');
const log = (line: string) => console.log(`  ${line}`);

async function main(options: BenchOptions): Promise<number> {
  process.chdir(top);
  const outDir = join(top, '.local/bench');
  mkdirSync(outDir, { recursive: true });
  // Stored inside the project: a temporary folder may be in memory, where a flush costs nothing.
  removeLeftovers(outDir);
  const workDir = mkdtempSync(join(outDir, `work-${process.pid}-`));
  const cacheDir = shopPaths.cache;
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!stopping.signal.aborted) console.log(`\n${name}: stopping what was started`);
      stopping.abort(new Error('the benchmark was stopped'));
    });
  }
  try {
    await runBench({ options, outDir, workDir, cacheDir, signal: stopping.signal });
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return INTERRUPTED;
    console.error(`\nThe benchmark failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** Removes data of killed runs. */
function removeLeftovers(outDir: string): void {
  for (const name of readdirSync(outDir)) {
    const pid = /^work-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(outDir, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

interface Place {
  readonly options: BenchOptions;
  readonly outDir: string;
  readonly workDir: string;
  readonly cacheDir: string;
  readonly signal: AbortSignal;
}

async function runBench(place: Place): Promise<void> {
  const { options, workDir, cacheDir, outDir, signal } = place;
  const { settings, only } = options;
  const startedAt = new Date();
  const wanted = planBench(settings.mode, only);
  if (wanted.rows.length === 0) throw new Error(`no row of the table matches ${String(only)}`);
  const started: { stop(): Promise<void> }[] = [];
  try {
    const servers = await startBenchServers({ workDir, cacheDir, log });
    started.push(servers);
    const byClient = await withWrk(wanted);
    const { plan: possible, mysql, notes } = await withMysql(byClient.plan, place);
    notes.push(...byClient.note);
    if (mysql !== undefined) started.push(mysql);
    const { plan, kafka, note } = await withKafka(possible, place);
    if (kafka !== undefined) started.push(kafka);
    notes.push(...note);
    const machine = await describeMachine({ servers, mysql, workDir });
    for (const line of machine.lines) log(line);
    const shops = openShops({ servers, mysql, workDir, log });
    started.unshift({ stop: () => shops.close() });
    // Comes first, because it takes long and leaves the database busy.
    if (plan.cells.some((cell) => cell.kind === 'load' && cell.shop === 'preloaded'))
      await shops.of('preloaded');
    const results: CellResult[] = [];
    for (let round = 0; round < settings.rounds; round += 1) {
      console.log(`\nRound ${round + 1} of ${settings.rounds}`);
      await runRound({
        round,
        cells: plan.cells,
        settings,
        servers,
        shops,
        kafka,
        workDir,
        cacheDir,
        signal,
        onResult: (result) => {
          results.push(result);
          console.log(resultLine(result));
        },
      });
      log('audit: stock, money, chains, accepted orders and events add up');
    }
    const preloaded = shops.used().find(([kind]) => kind === 'preloaded')?.[1];
    if (preloaded !== undefined) {
      const faults = await auditShop(preloaded, servers.queue, signal);
      assertNoFaults(faults, 'a million orders and those of all rounds');
    }
    const disturbed = results.filter(isDisturbed).length;
    if (disturbed > 0) {
      notes.push(
        `${disturbed} of ${results.length} measurements were disturbed: other processes kept more than ` +
          '0.1 of a core busy',
      );
    }
    const rows = ratioTable(plan.rows, results);
    const report = { startedAt, endedAt: new Date(), settings, machine: machine.facts, notes, rows, results };
    const base = join(outDir, startedAt.toISOString().slice(0, 19).replaceAll(':', '-'));
    writeFileSync(`${base}.json`, `${JSON.stringify(report, undefined, 2)}\n`);
    const subtitle =
      `${machine.title}, Node ${process.versions.node}, ${startedAt.toISOString().slice(0, 10)}; bars ` +
      'are medians, lines run from the least to the greatest round';
    writeFileSync(`${base}.svg`, chartSvg({ rows, results, subtitle }));
    if (options.markdownFile !== undefined) {
      writeFileSync(
        options.markdownFile,
        `${ratiosTable(rows, 'markdown')}\n\n${figuresTable(results, 'markdown')}\n`,
      );
    }
    console.log(`\n${ratiosTable(rows, 'text')}\n\n${figuresTable(results, 'text')}\n`);
    for (const note of notes) log(note);
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
    console.log(`\n${seconds} s. Every figure: ${base}.json, chart: ${base}.svg`);
  } finally {
    // Stop the shops' processes first, otherwise they log errors about the stopped servers.
    for (const server of started) await server.stop();
  }
}

/** Omits the rows on MySQL, with a note, if the server is unavailable. */
async function withMysql(
  plan: BenchPlan,
  { workDir, cacheDir }: Place,
): Promise<{ plan: BenchPlan; mysql: MysqlServer | undefined; notes: string[] }> {
  if (!plan.cells.some(({ name }) => isOnMysql(name))) return { plan, mysql: undefined, notes: [] };
  const program = await serverFromDebian('mysql', cacheDir, log);
  if (!('unobtainable' in program)) {
    const mysql = await startBenchDatabase({ workDir, cacheDir, log }, program);
    return { plan, mysql, notes: [] };
  }
  const notes = [`rows on MySQL left out: ${program.unobtainable}`];
  return { plan: withoutCells(plan, isOnMysql), mysql: undefined, notes };
}

/** Omits the rows on Kafka, with a note, if there is none for this machine. */
async function withKafka(
  plan: BenchPlan,
  { workDir, cacheDir }: Place,
): Promise<{ plan: BenchPlan; kafka: KafkaServer | undefined; note: string[] }> {
  if (!plan.cells.some(({ name }) => isOnKafka(name))) return { plan, kafka: undefined, note: [] };
  try {
    const dataDir = join(workDir, 'kafka');
    const kafka = await startKafkaServer({ dataDir, cacheDir, log, isThrowaway: true });
    return { plan, kafka, note: [] };
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    const note = [`rows on Kafka left out: ${reason}`];
    return { plan: withoutCells(plan, isOnKafka), kafka: undefined, note };
  }
}

/** Omits the rows by wrk, with a note, if it is not installed. */
async function withWrk(plan: BenchPlan): Promise<{ plan: BenchPlan; note: string[] }> {
  if (!plan.cells.some(({ name }) => isByWrk(name)) || (await hasWrk())) return { plan, note: [] };
  return { plan: withoutCells(plan, isByWrk), note: ['rows by wrk left out: it is not installed'] };
}

const isOnMysql = (cell: string) => cell.endsWith('on MySQL');
const isOnKafka = (cell: string) => cell.endsWith('Kafka');
const isByWrk = (cell: string) => cell.endsWith('by wrk');

function withoutCells(plan: BenchPlan, isOmitted: (cell: string) => boolean): BenchPlan {
  return {
    rows: plan.rows.filter(({ cells }) => !cells.some(isOmitted)),
    cells: plan.cells.filter(({ name }) => !isOmitted(name)),
  };
}

let options: BenchOptions;
try {
  options = parseBenchOptions(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(USAGE_ERROR);
}
if (options.help) console.log(usage);
else process.exitCode = await main(options);
