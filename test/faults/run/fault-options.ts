import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectDirs } from './project-dirs.ts';

export interface FaultOptions {
  readonly help: boolean;
  /** Names every fault and ends. */
  readonly list: boolean;
  readonly seeds: readonly number[];
  readonly jobs: number;
  /** Seeds that the state file knows are not run again. */
  readonly resume: boolean;
  readonly only: readonly string[] | undefined;
  readonly workDir: string | undefined;
  readonly stateFile: string;
}

export const usage = `usage: npm run faults -- [--runs N] [--seed S] [--jobs 1|2] [--resume] [--only NAME,NAME] [--list]

Runs the whole service on servers of its own, breaks them while clients buy, and checks what they were told against what
the database holds. Ends with 1 when something was lost, doubled or does not add up.

  --runs N      seeds S to S+N-1 (default 1)
  --seed S      the first one (default 1); the same seed breaks the same things at the same times
  --jobs N      runs at once (default 1)
  --resume      leaves out the seeds that the state file has, and counts them in
  --only NAMES  draws from these faults alone
  --list        names all faults
  --state FILE  what has been run so far (default .local/faults/campaign.jsonl)
  --work-dir D  where the folders of the runs are made (default that of the system); a failed run's stays
`;

const JOBS_MAX = 8;

/** Throws an Error with a reason for people. */
export function parseFaultOptions(args: readonly string[]): FaultOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      runs: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      resume: { type: 'boolean', default: false },
      only: { type: 'string' },
      state: { type: 'string', default: join(projectDirs.localDir, 'campaign.jsonl') },
      'work-dir': { type: 'string' },
    },
  });
  const first = count('--seed', values.seed, 1_000_000);
  const runs = count('--runs', values.runs, 100_000);
  return {
    help: values.help,
    list: values.list,
    seeds: Array.from({ length: runs }, (_, index) => first + index),
    jobs: count('--jobs', values.jobs, JOBS_MAX),
    resume: values.resume,
    only: values.only?.split(','),
    workDir: values['work-dir'],
    stateFile: values.state,
  };
}

function count(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    throw new Error(`${name} is a number from 1 to ${max}`);
  return value;
}
