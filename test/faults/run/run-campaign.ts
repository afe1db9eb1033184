import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Harm } from '../check/check-history.ts';
import { wordsDue } from '../history/shop-language.ts';
import type { FaultOptions } from './fault-options.ts';
import type { FaultRun } from './run-faults.ts';
import { projectDirs } from './project-dirs.ts';
import { sourceFingerprint } from './source-fingerprint.ts';
import { type SpawnOptions, spawnRun } from './spawn-run.ts';

export type CampaignOptions = Pick<
  FaultOptions,
  'seeds' | 'jobs' | 'resume' | 'only' | 'workDir' | 'stateFile'
> &
  Partial<Pick<FaultOptions, 'events' | 'midnight'>>;

/** Record of a run in a campaign: a line of the state file. */
export interface SeedResult {
  readonly seed: number;
  /** See source-fingerprint.ts. */
  readonly sources: string;
  /** Engine and version; undefined for a run that could not be executed. */
  readonly database?: string;
  readonly isClean: boolean;
  readonly harms: Readonly<Record<Harm, number>>;
  readonly complaints: number;
  readonly counts: FaultRun['counts'];
  /** Folder of a failed run. */
  readonly dir?: string;
}

/** A run that throws says nothing about the shop: on a busy machine its servers may not start in time. */
const ATTEMPTS_MAX = 3;
const SHOWN_MAX = 12;
const SHOWN_COLUMNS = 500;

/**
 * Runs all seeds, each in its own process, and returns the results of the campaign so far, earlier parts
 * included.
 */
export async function runCampaign(
  options: CampaignOptions,
  {
    signal,
    print,
    spawn = spawnRun,
  }: { signal: AbortSignal; print: (line: string) => void; spawn?: typeof spawnRun },
): Promise<readonly SeedResult[]> {
  const { stateFile, resume, only, workDir, events, midnight = false } = options;
  const kind = { ...(events === 'kafka' && ({ events } as const)), ...(midnight && { midnight }) };
  mkdirSync(dirname(stateFile), { recursive: true });
  if (!resume) rmSync(stateFile, { force: true });
  const results = readState(stateFile).filter(({ seed }) => options.seeds.includes(seed));
  const done = new Set(results.map(({ seed }) => seed));
  const left = options.seeds.filter((seed) => !done.has(seed));
  const sources = sourceFingerprint(projectDirs.top);
  const others = results.filter((result) => result.sources !== sources).length;
  const ofOthers = others > 0 ? `, ${others} of them with other sources than these` : '';
  if (done.size > 0) print(`${done.size} seeds are done already${ofOthers}`);

  const work = async (): Promise<void> => {
    for (let seed = left.shift(); seed !== undefined && !signal.aborted; seed = left.shift()) {
      const begin = () =>
        spawn({ seed, ...kind, ...(only && { schedule: only }), ...(workDir && { workDir }) }, signal);
      let run = await begin();
      for (let again = 1; again < ATTEMPTS_MAX && hasThrown(run) && !signal.aborted; again += 1) {
        print(`once more seed ${seed}: ${run.slice(0, SHOWN_COLUMNS)}`);
        run = await begin();
      }
      // A run that was stopped is no result.
      if (signal.aborted) return;
      const result = { ...resultOf(seed, run), sources };
      results.push(result);
      appendFileSync(stateFile, `${JSON.stringify(result)}\n`);
      report(result, run, { print, again: replayCommand(seed, only, kind) });
      if (result.isClean && typeof run !== 'string') rmSync(run.dir, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  return results;
}

/** False for a run that hung and was killed. */
function hasThrown(run: FaultRun | string): run is string {
  return typeof run === 'string' && run.startsWith('the run ended with code');
}

/** From this number of seeds on, every word of the shop's language must have occurred. */
export const SEEDS_OF_A_CAMPAIGN = 40;

/** Words of the shop's language that no run has sent or received; see shop-language.ts. */
export function missingWords(words: readonly Readonly<Record<string, number>>[]): string[] {
  return wordsDue.filter((word) => !words.some((each) => (each[word] ?? 0) > 0));
}

/** Last line of a campaign's output. */
export function summaryLine(results: readonly SeedResult[]): string {
  const sum = (of: (result: SeedResult) => number) =>
    results.reduce((total, result) => total + of(result), 0);
  const faults = sum(({ counts }) => Object.values(counts.faults).reduce((all, each) => all + each, 0));
  const acknowledged = sum(({ counts }) => counts.acknowledged);
  const harms = (['lost', 'doubled', 'drift'] as const)
    .map((harm) => `${harm}=${sum((result) => result.harms[harm])}`)
    .join(' ');
  const databases = [...new Set(results.flatMap(({ database }) => database ?? []))];
  const on = databases.length === 0 ? '' : `${databases.join(' and ')}: `;
  return `${on}runs=${results.length} faults=${faults} acknowledged=${acknowledged} ${harms}`;
}

function resultOf(seed: number, run: FaultRun | string): Omit<SeedResult, 'sources'> {
  const harms = { lost: 0, doubled: 0, drift: 0 };
  if (typeof run === 'string') {
    const counts = {
      durationMs: 0,
      phasesMs: [],
      faults: {},
      attempts: 0,
      acknowledged: 0,
      refused: 0,
      unknown: 0,
      samples: 0,
      words: {},
    };
    return { seed, isClean: false, harms, complaints: 1, counts };
  }
  for (const { harm } of run.violations) harms[harm] += 1;
  const complaints = run.complaints.length;
  const isClean = run.violations.length === 0 && complaints === 0;
  const { database, counts } = run;
  return { seed, database, isClean, harms, complaints, counts, ...(isClean ? {} : { dir: run.dir }) };
}

/**
 * Command that breaks the same things at the same times again. Other names in `only` would give another
 * schedule.
 */
export function replayCommand(
  seed: number,
  only: readonly string[] | undefined,
  { events, midnight }: Pick<SpawnOptions, 'events' | 'midnight'> = {},
): string {
  const kind = `${events === 'kafka' ? ' --events=kafka' : ''}${midnight ? ' --midnight' : ''}`;
  const faults = only === undefined ? '' : ` --only ${only.join(',')}`;
  return `npm run faults -- --seed ${seed} --runs 1${kind}${faults}`;
}

function report(
  result: SeedResult,
  run: FaultRun | string,
  { print, again }: { print: (line: string) => void; again: string },
): void {
  const { seed, counts, isClean } = result;
  const { durationMs, phasesMs, faults, acknowledged, unknown, samples } = counts;
  const names = Object.entries(faults).map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  print(
    `${isClean ? 'ok    ' : 'FAILED'} seed ${seed}: ${seconds(durationMs)} s ` +
      `(${phasesMs.map(seconds).join(' + ')}), ${acknowledged} acknowledged, ` +
      `${unknown} unknown, ${samples} samples; ${names.join(', ')}`,
  );
  if (isClean) return;
  const found =
    typeof run === 'string'
      ? [run]
      : [
          ...run.violations.map(({ rule, harm, key, detail }) => `${harm} (${rule}) ${key ?? ''}: ${detail}`),
          ...run.complaints,
        ];
  for (const line of found.slice(0, SHOWN_MAX)) print(`         ${line.slice(0, SHOWN_COLUMNS)}`);
  if (found.length > SHOWN_MAX) print(`         and ${found.length - SHOWN_MAX} more`);
  if (typeof run !== 'string') print(`         history and logs: ${run.dir}`);
  print(`         again: ${again}`);
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(1);
}

function readState(file: string): SeedResult[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // A killed campaign may have left half a line; the next campaign must not append to it.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole !== text) writeFileSync(file, whole);
  const lines = whole.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SeedResult);
}
