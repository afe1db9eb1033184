import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ExportFormat, exportFormats } from '../history/export-history.ts';
import type { PlantedBug } from '../planted/planted-bug.ts';
import { findPlanted } from '../planted/planted-bugs.ts';
import { projectDirs } from './project-dirs.ts';

export interface FaultOptions {
  readonly help: boolean;
  /** Prints the names of all faults and exits. */
  readonly list: boolean;
  readonly seeds: readonly number[];
  readonly jobs: number;
  /** Skips seeds that the state file already has. */
  readonly resume: boolean;
  readonly only: readonly string[] | undefined;
  readonly workDir: string | undefined;
  readonly stateFile: string;
  /** `local`: the MySQL or MariaDB found on this machine. `debian`: MySQL from Debian unstable. */
  readonly mysql: 'local' | 'debian';
  readonly events: 'sqs' | 'kafka';
  /** Midnight UTC passes in each run. */
  readonly midnight: boolean;
  /** Bugs to plant; undefined for the unchanged app. */
  readonly planted: readonly PlantedBug[] | undefined;
  readonly exported: ExportOptions | undefined;
}

/** A kept run, to be exported for another checker. */
export interface ExportOptions {
  readonly runDir: string;
  readonly file: string;
  readonly format: ExportFormat;
}

export const usage = `usage: npm run faults -- [--runs N] [--seed S] [--jobs 1|2] [--resume]
                        [--only NAME,NAME] [--midnight] [--list]
       npm run faults -- --planted [NAME...] [--runs N]
       npm run faults -- --export FILE --format elle|porcupine --run-dir DIR

Runs the whole service on throwaway servers, injects faults while clients buy, and compares all responses with
the final database. Exits with 1 if something was lost, applied twice or does not add up.

  --runs N      seeds S to S+N-1 (default 1)
  --seed S      first seed (default 1); the same seed injects the same faults at the same times
  --jobs N      concurrent runs (default 1)
  --resume      skips seeds that are in the state file, and includes their results
  --only NAMES  draws from these faults only
  --mysql=debian
                runs on MySQL 9 from Debian unstable instead of this machine's database, with a
                separate state file
  --events=kafka
                sends order events through Kafka instead of SQS, with its own faults and state file
  --midnight    shifts the clocks of each run so that midnight passes while customers order; needs apt
  --list        lists all faults
  --state FILE  results of earlier runs (default .local/faults/campaign.jsonl; the options above append
                -debian, -kafka and -midnight to its name)
  --work-dir D  parent of the runs' folders (default: the system's temporary folder); that of a failed run
                is kept
  --planted     plants known bugs into copies of the app, one at a time, and requires the checker to find each
                within the seeds 1 to N (default 10); the unchanged app runs the same seeds. Exits with 1 if
                a bug is not found
  --export FILE writes the history of the run in DIR in the format of Elle or Porcupine
`;

const JOBS_MAX = 8;
const PLANTED_RUNS = '10';

/** Throws an Error with a reason for the user. */
export function parseFaultOptions(args: readonly string[]): FaultOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      runs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      resume: { type: 'boolean', default: false },
      only: { type: 'string' },
      state: { type: 'string' },
      mysql: { type: 'string', default: 'local' },
      events: { type: 'string', default: 'sqs' },
      midnight: { type: 'boolean', default: false },
      'work-dir': { type: 'string' },
      planted: { type: 'boolean', default: false },
      export: { type: 'string' },
      format: { type: 'string' },
      'run-dir': { type: 'string' },
    },
  });
  const first = count('--seed', values.seed, 1_000_000);
  const runs = count('--runs', values.runs ?? (values.planted ? PLANTED_RUNS : '1'), 100_000);
  const mysql = mysqlOf(values.mysql);
  const { events } = values;
  if (events !== 'sqs' && events !== 'kafka') throw new Error('--events is sqs or kafka');
  if (!values.planted && positionals.length > 0) throw new Error(`what is ${positionals.join(' ')}?`);
  return {
    help: values.help,
    list: values.list,
    seeds: Array.from({ length: runs }, (_, index) => first + index),
    jobs: count('--jobs', values.jobs, JOBS_MAX),
    resume: values.resume,
    only: values.only?.split(','),
    workDir: values['work-dir'],
    stateFile: values.state ?? join(projectDirs.localDir, stateFileOf(mysql, events, values.midnight)),
    mysql,
    events,
    midnight: values.midnight,
    planted: values.planted ? findPlanted(positionals) : undefined,
    exported: exportOf({ file: values.export, format: values.format, runDir: values['run-dir'] }),
  };
}

function stateFileOf(
  mysql: FaultOptions['mysql'],
  events: FaultOptions['events'],
  midnight: boolean,
): string {
  const parts = [
    'campaign',
    ...(mysql === 'debian' ? [mysql] : []),
    ...(events === 'kafka' ? [events] : []),
    ...(midnight ? ['midnight'] : []),
  ];
  return `${parts.join('-')}.jsonl`;
}

function mysqlOf(text: string): FaultOptions['mysql'] {
  if (text !== 'local' && text !== 'debian') throw new Error('--mysql is local or debian');
  return text;
}

function exportOf({
  file,
  format,
  runDir,
}: Record<'file' | 'format' | 'runDir', string | undefined>): ExportOptions | undefined {
  if (file === undefined && format === undefined && runDir === undefined) return undefined;
  const known = exportFormats.find((name) => name === format);
  if (file === undefined || runDir === undefined || known === undefined) {
    throw new Error(`--export FILE, --format ${exportFormats.join('|')} and --run-dir DIR come together`);
  }
  return { file, runDir, format: known };
}

function count(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    throw new Error(`${name} is a number from 1 to ${max}`);
  return value;
}
