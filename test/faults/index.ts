/** `npm run faults`: see run/fault-options.ts for its options and docs/reliability.md for its purpose. */
import { exportHistory } from './history/export-history.ts';
import { serverFromDebian } from '../../localstack/programs/server-from-debian.ts';
import type { PlantedBug } from './planted/planted-bug.ts';
import { isFlawless, plantedTable, runPlanted } from './planted/run-planted.ts';
import { type FaultOptions, parseFaultOptions, usage } from './run/fault-options.ts';
import { faultsOn } from './run/faults/all-faults.ts';
import { projectDirs } from './run/project-dirs.ts';
import { missingWords, runCampaign, SEEDS_OF_A_CAMPAIGN, summaryLine } from './run/run-campaign.ts';
import { spawnRun } from './run/spawn-run.ts';

const USAGE_ERROR = 2;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof parseFaultOptions>;
  try {
    options = parseFaultOptions(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return USAGE_ERROR;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.list) {
    for (const { name, about } of faultsOn(options.events)) console.log(`${name.padEnd(24)} ${about}`);
    return 0;
  }
  if (options.exported !== undefined) {
    const { runDir, file, format } = options.exported;
    exportHistory(runDir, file, format);
    return 0;
  }
  if (options.mysql === 'debian') {
    const program = await serverFromDebian('mysql', projectDirs.cacheDir, (line) => console.log(line));
    if ('unobtainable' in program) {
      console.error(program.unobtainable);
      return 1;
    }
    // Inherited by the process of each run, which starts its own servers.
    process.env.ROWLOCK_MYSQLD = program.command[0];
  }
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  if (options.planted !== undefined) return plant(options, options.planted, stopping.signal);
  const results = await runCampaign(options, {
    signal: stopping.signal,
    print: (line) => console.log(line),
  });
  console.log(summaryLine(results));
  const failed = results.filter(({ isClean }) => !isClean);
  if (failed.length > 0) console.log(`failed seeds: ${failed.map(({ seed }) => seed).join(', ')}`);
  const missing = missingWords(results.map(({ counts }) => counts.words ?? {}));
  if (missing.length > 0) console.log(`not said in these runs: ${missing.join(', ')}`);
  const isMute = missing.length > 0 && options.only === undefined && results.length >= SEEDS_OF_A_CAMPAIGN;
  return failed.length > 0 || isMute || results.length < options.seeds.length ? 1 : 0;
}

async function plant(
  { seeds, workDir }: FaultOptions,
  bugs: readonly PlantedBug[],
  signal: AbortSignal,
): Promise<number> {
  const results = await runPlanted({
    bugs,
    top: projectDirs.top,
    seedsMax: seeds.length,
    run: (run, stopped) => spawnRun({ ...run, ...(workDir && { workDir }) }, stopped),
    print: (line) => console.log(line),
    signal,
  });
  console.log(`\n${plantedTable(results)}`);
  return isFlawless(results, bugs) ? 0 : 1;
}
