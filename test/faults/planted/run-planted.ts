import { rmSync } from 'node:fs';
import type { FaultRun } from '../run/run-faults.ts';
import type { SpawnOptions } from '../run/spawn-run.ts';
import { plantBug } from './plant-bug.ts';
import type { PlantedBug } from './planted-bug.ts';

export interface PlantedOptions {
  readonly bugs: readonly PlantedBug[];
  /** Top of the project. */
  readonly top: string;
  /** Maximum runs per bug, with the seeds from 1. */
  readonly seedsMax: number;
  /** Returns the run, or the reason why there is none. */
  readonly run: (options: SpawnOptions, signal: AbortSignal) => Promise<FaultRun | string>;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Result of one planted bug. */
export interface PlantedResult {
  readonly bug: PlantedBug;
  /** Runs until the bug was caught, or all runs. */
  readonly seeds: number;
  /** Rules that detected the bug, in their order; empty if none did. */
  readonly caughtBy: readonly string[];
  /** Violations and complaints of the unchanged app under the same seeds. */
  readonly falseAlarms: readonly string[];
}

/**
 * Plants each bug and runs faults until the checker detects it. The unchanged app then gets the same runs, in
 * which the checker must report nothing. Stops early when the signal aborts.
 */
export async function runPlanted(options: PlantedOptions): Promise<PlantedResult[]> {
  const { bugs, print, signal } = options;
  const results: PlantedResult[] = [];
  const sound = soundRuns(options);
  for (const bug of bugs) {
    if (signal.aborted) break;
    const { seeds, caughtBy } = await untilCaught(bug, options);
    if (signal.aborted) break;
    const falseAlarms: string[] = [];
    for (let seed = 1; seed <= seeds && caughtBy.length > 0; seed += 1) {
      for (const alarm of await sound(seed, bug)) falseAlarms.push(`seed ${seed}: ${alarm}`);
    }
    results.push({ bug, seeds, caughtBy, falseAlarms });
    const verdict = caughtBy.length > 0 ? `caught by ${caughtBy.join(', ')}` : 'NOT CAUGHT';
    print(`${bug.name}: ${verdict} with ${seeds} seeds`);
    for (const alarm of falseAlarms) print(`  without the bug, ${alarm}`);
  }
  return results;
}

async function untilCaught(
  bug: PlantedBug,
  { top, seedsMax, run, print, signal }: PlantedOptions,
): Promise<Pick<PlantedResult, 'seeds' | 'caughtBy'>> {
  const { appDir, remove } = plantBug(bug, top);
  let seed = 0;
  try {
    while (seed < seedsMax && !signal.aborted) {
      seed += 1;
      const { violations, complaints } = await attempt({ run, signal }, { seed, appDir, ...scheduleOf(bug) });
      const caughtBy = [...new Set(violations.map(({ rule }) => rule))];
      if (caughtBy.length > 0) return { seeds: seed, caughtBy };
      for (const complaint of complaints) print(`  ${bug.name}, seed ${seed}: ${firstLine(complaint)}`);
    }
    return { seeds: seed, caughtBy: [] };
  } finally {
    remove();
  }
}

/** Violations and complaints of the unchanged app; each seed and schedule runs once. */
function soundRuns({ run, signal }: PlantedOptions): (seed: number, bug: RunChoice) => Promise<string[]> {
  const known = new Map<string, Promise<string[]>>();
  const alarmsOf = async (options: SpawnOptions): Promise<string[]> => {
    const { violations, complaints } = await attempt({ run, signal }, options);
    return [...violations.map(({ rule, detail }) => `${rule}: ${detail}`), ...complaints].map(firstLine);
  };
  return (seed, bug) => {
    const name = `${seed} ${bug.schedule?.join() ?? ''} ${bug.events ?? ''} ${bug.midnight ?? ''}`;
    const alarms = known.get(name) ?? alarmsOf({ seed, ...scheduleOf(bug) });
    known.set(name, alarms);
    return alarms;
  };
}

/**
 * A run that could not be executed has detected nothing; the reason becomes a complaint. The run's folder is
 * deleted.
 */
async function attempt(
  { run, signal }: Pick<PlantedOptions, 'run' | 'signal'>,
  options: SpawnOptions,
): Promise<Pick<FaultRun, 'violations' | 'complaints'>> {
  const found = await run(options, signal);
  if (typeof found === 'string') return { violations: [], complaints: [found] };
  rmSync(found.dir, { recursive: true, force: true });
  return found;
}

type RunChoice = Pick<PlantedBug, 'schedule' | 'events' | 'midnight'>;

function scheduleOf({ schedule, events, midnight }: RunChoice): Omit<SpawnOptions, 'seed'> {
  return { ...(schedule && { schedule }), ...(events && { events }), ...(midnight && { midnight }) };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] as string;
}

/** True when every bug was caught and the unchanged app had no complaint. */
export function isFlawless(results: readonly PlantedResult[], bugs: readonly PlantedBug[]): boolean {
  return (
    results.length === bugs.length &&
    results.every(({ caughtBy, falseAlarms }) => caughtBy.length > 0 && falseAlarms.length === 0)
  );
}

/** A Markdown table; its last line has the totals. */
export function plantedTable(results: readonly PlantedResult[]): string {
  const rows = results.map(({ bug, seeds, caughtBy, falseAlarms }) => {
    const by = caughtBy.length === 0 ? '**not caught**' : caughtBy.map((rule) => `\`${rule}\``).join(', ');
    const without = falseAlarms.length === 0 ? 'clean' : `**${falseAlarms.length} alarms**`;
    return `| ${bug.name} | ${bug.why} | ${by} | ${seeds} | ${without} |`;
  });
  const caught = results.filter(({ caughtBy }) => caughtBy.length > 0).length;
  return [
    '| planted bug | what the shop does wrong | seen by | seeds | without it |',
    '|---|---|---|---:|---|',
    ...rows,
    '',
    `planted=${results.length} caught=${caught} false alarms=${results.reduce((sum, { falseAlarms }) => sum + falseAlarms.length, 0)}`,
    '',
  ].join('\n');
}
