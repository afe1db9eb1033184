import { parseArgs } from 'node:util';
import type { BenchSettings } from './bench-plan.ts';

export interface BenchOptions {
  readonly settings: BenchSettings;
  readonly only: RegExp | undefined;
  readonly markdownFile: string | undefined;
  readonly help: boolean;
}

export const usage = `usage: npm run bench -- [options]

Compares Rowlock with a server that uses one transaction per request and with an Express echo, on throwaway
servers. Audits all orders after every round, and writes .local/bench/TIME.json and .svg.

  (none)            the full run: 5 rounds, MariaDB and MySQL, one million preloaded orders; about 30 minutes
  --quick           3 shorter rounds, secondary rows in the first one only; about 3 minutes
  --only=PATTERN    only rows of the table whose title matches (a regular expression, ignoring case)
  --rounds=N        1 to 50
  --seconds=S       measured seconds of each load
  --markdown=FILE   write the table as Markdown as well
`;

const full: BenchSettings = {
  mode: 'full',
  rounds: 5,
  warmUpMs: 800,
  firstWarmUpMs: 8000,
  measureMs: 3500,
  buyers: 10_000,
};
const quick: BenchSettings = {
  mode: 'quick',
  rounds: 3,
  warmUpMs: 500,
  firstWarmUpMs: 8000,
  measureMs: 1200,
  buyers: 3000,
};

/** Throws an Error with a one-sentence message for an invalid option. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const settings = values.quick ? quick : full;
  return {
    settings: {
      ...settings,
      rounds: numberOf('rounds', values.rounds, 1, 50) ?? settings.rounds,
      measureMs: (numberOf('seconds', values.seconds, 0.5, 60) ?? settings.measureMs / 1000) * 1000,
    },
    only: values.only === undefined ? undefined : new RegExp(values.only, 'i'),
    markdownFile: values.markdown,
    help: values.help,
  };
}

function numberOf(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  const isWhole = name !== 'rounds' || Number.isInteger(value);
  if (text === '' || !isWhole || !(value >= min && value <= max)) {
    throw new Error(
      `--${name}=${text} must be ${name === 'rounds' ? 'a whole number' : 'a number'} from ${min} to ${max}`,
    );
  }
  return value;
}
