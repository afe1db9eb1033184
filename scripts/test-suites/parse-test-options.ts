import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type SuiteName, suites } from './suites.ts';
import { parseTestFile, type TestFile } from './test-file.ts';

export interface TestOptions {
  /** Undefined means all. */
  readonly suites: readonly SuiteName[] | undefined;
  readonly aws: 'embedded' | 'localstack';
  /** `local`: the MySQL or MariaDB found here. `debian`: MySQL 9 from Debian unstable. Else a URL. */
  readonly mysql: 'local' | 'debian' | { readonly url: string };
  /** `local`: the Redis or Valkey found here. `valkey`: Valkey from Debian unstable. */
  readonly redis: 'local' | 'valkey';
  /** What carries order events. */
  readonly events: 'sqs' | 'kafka';
  /** Also run the suite that needs Kafka, and the tests of order events once more on it. */
  readonly alsoKafka: boolean;
  /** Run integration and e2e again on MySQL 9 from Debian unstable. */
  readonly alsoMysql: boolean;
  /** Run the LocalStack suite as well; the others keep the embedded server. */
  readonly alsoLocalstack: boolean;
  readonly grep: string | undefined;
  /** Test files to run; empty for all. */
  readonly files: readonly TestFile[];
  /** Leave the servers up for the next run. */
  readonly keep: boolean;
  /** Stop the servers that --keep left up, and do nothing else. */
  readonly stop: boolean;
  /** Run again whenever a source file changes. */
  readonly watch: boolean;
  /** Let a debugger attach to the tests before they begin. */
  readonly inspect: boolean;
  /** Rounds of tests that repeat themselves; undefined means each test's own default. */
  readonly runs: number | undefined;
  readonly coverage: boolean;
  readonly help: boolean;
}

const top = join(import.meta.dirname, '../..');

/** The port on which tests wait for a debugger; ./scripts/up --dev has 9229 and the next two. */
export const INSPECT_PORT = 9239;

export const usage = `usage: ./scripts/test [options] [FILE[:LINE] ...]

Runs every suite on throwaway servers. The last line reads: N passed, N failed, N skipped.

  FILE[:LINE]         only this test file, or the test or group around that line; starts only the servers
                      that its suite needs
  --keep              leave the servers up: the next run with --keep, or of files, reuses them; they exit
                      after an hour without a run
  --stop              stop the servers that --keep left up
  --watch             run again after each change of a source file, until Ctrl-C
  --inspect           wait for a debugger on port ${INSPECT_PORT} before the tests begin
  --suite=NAME,NAME   only these suites; may be repeated
                      (${suites.map(({ name }) => name).join(', ')})
  --grep=PATTERN      only tests whose full title matches
  --runs=N            rounds of repeating tests (10,000 buyers); default 2
  --mysql=debian      on a real MySQL 9 from Debian unstable, unpacked in the cache
  --mysql=URL         on this server; its user must be allowed to create databases
  --redis=valkey      on a Valkey from Debian unstable, unpacked in the cache
  --also-mysql        also runs e2e, and integration tests that use the database, on Debian's MySQL; skipped
                      if that cannot be downloaded
  --events=kafka      order events through Kafka instead of SQS: KAFKA_BROKERS if set, else a throwaway broker
  --also-kafka        also runs the suite kafka, and the tests of order events on Kafka; skipped if Java or
                      Kafka cannot be installed
  --aws=localstack    S3 and SQS from LocalStack instead of the embedded server
  --also-localstack   also runs the suite localstack, on its own LocalStack; skipped if that cannot be
                      installed
  --coverage          measures app/ and requires the minimum of .c8rc.json
`;

/** Throws an Error with one sentence for an invalid option. */
export function parseTestOptions(args: readonly string[]): TestOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      suite: { type: 'string', multiple: true },
      grep: { type: 'string' },
      runs: { type: 'string' },
      mysql: { type: 'string' },
      redis: { type: 'string', default: 'local' },
      events: { type: 'string', default: 'sqs' },
      'also-kafka': { type: 'boolean', default: false },
      'also-mysql': { type: 'boolean', default: false },
      'also-localstack': { type: 'boolean', default: false },
      aws: { type: 'string', default: 'embedded' },
      coverage: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      inspect: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.aws !== 'embedded' && values.aws !== 'localstack') {
    throw new Error(`--aws=${values.aws} is unknown: use embedded or localstack`);
  }
  if (values.redis !== 'local' && values.redis !== 'valkey') {
    throw new Error(`--redis=${values.redis} is unknown: local or valkey`);
  }
  if (values.events !== 'sqs' && values.events !== 'kafka') {
    throw new Error(`--events=${values.events} is unknown: use sqs or kafka`);
  }
  const chosen = values.suite?.flatMap((names) => names.split(','));
  const unknown = chosen?.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    throw new Error(`--suite=${unknown} is unknown: use ${suites.map(({ name }) => name).join(', ')}`);
  }
  const files = positionals.map((argument) => parseTestFile(argument, top));
  refuseContradictions(files, values);
  return {
    files,
    keep: values.keep,
    stop: values.stop,
    watch: values.watch,
    inspect: values.inspect,
    suites: chosen as SuiteName[] | undefined,
    aws: values.aws,
    mysql: parseMysql(values.mysql),
    redis: values.redis,
    events: values.events,
    alsoKafka: values['also-kafka'],
    alsoMysql: values['also-mysql'],
    alsoLocalstack: values['also-localstack'],
    grep: values.grep,
    runs: parseRuns(values.runs),
    coverage: values.coverage,
    help: values.help,
  };
}

function refuseContradictions(
  files: readonly TestFile[],
  values: { suite?: string[]; grep?: string; keep: boolean; watch: boolean; coverage: boolean; aws: string },
): void {
  const hasLine = files.some(({ line }) => line !== undefined);
  if (files.length > 0 && values.suite !== undefined)
    throw new Error('--suite and test files exclude each other: a file names its suite');
  if (hasLine && values.grep !== undefined)
    throw new Error('--grep and FILE:LINE exclude each other: the line chooses the test');
  if (values.keep && values.aws === 'localstack')
    throw new Error('--keep does not keep a LocalStack: use the embedded server, or leave --keep out');
  if (values.watch && values.coverage)
    throw new Error('--watch and --coverage exclude each other: coverage is of one run');
}

function parseRuns(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9][0-9]{0,2}$/.test(value)) throw new Error(`--runs=${value} must be a number from 1 to 999`);
  return Number(value);
}

function parseMysql(value: string | undefined): TestOptions['mysql'] {
  if (value === undefined) return 'local';
  if (value === 'debian') return 'debian';
  if (!URL.canParse(value) || new URL(value).protocol !== 'mysql:') {
    throw new Error(`--mysql=${value} is neither debian nor a URL that begins with mysql://`);
  }
  return { url: value };
}
