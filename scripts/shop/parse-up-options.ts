import { parseArgs } from 'node:util';

export interface UpOptions {
  /** Undefined: LocalStack where a Docker engine answers, else the embedded server. */
  readonly aws: 'embedded' | 'localstack' | undefined;
  /** Who makes the bucket and the queues: own calls of S3 and SQS, or the stacks of lib/ by CloudFormation. */
  readonly provision: 'calls' | 'cdk';
  readonly reset: boolean;
  readonly port: number;
  readonly help: boolean;
}

export const upUsage = `usage: ./scripts/up [--port N] [--aws=embedded|localstack] [--provision=cdk] [--reset]

Starts MySQL, Redis, S3 and SQS where they are not given, migrates and seeds the database, then runs the API,
the worker and the data platform until Ctrl-C. Data is kept in .local/ and found again the next time. When the
shop is running already, prints where and ends with 0.

  --port N            port of the API (default: HTTP_PORT, else 3000; 0 takes a free one)
  --aws=embedded      S3 and SQS from the embedded server (default where no Docker engine answers)
  --aws=localstack    LocalStack 4.14.0: with Docker Compose where an engine answers (then the default), else
                      in host mode from a Python virtual environment
  --provision=cdk     with --aws=localstack: the bucket and the queues by CloudFormation, from the storage and
                      messaging stacks of lib/, in place of calls of S3 and SQS
  --reset             delete the shop's data first; downloads stay in the cache

Environment: DATABASE_URL, REDIS_STATE_URL, REDIS_CACHE_URL and AWS_ENDPOINT_URL name servers to use instead of
starting them; ROWLOCK_MYSQLD and ROWLOCK_REDIS_SERVER name executables; ROWLOCK_CACHE_DIR is the folder for
downloads (default .local/cache). While it runs, .local/env holds the app's settings.
`;

/** Throws an Error with one sentence when the arguments or HTTP_PORT make no sense. */
export function parseUpOptions(args: readonly string[], environment: NodeJS.ProcessEnv): UpOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      aws: { type: 'string' },
      provision: { type: 'string', default: 'calls' },
      reset: { type: 'boolean', default: false },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { aws, provision } = values;
  if (aws !== undefined && aws !== 'embedded' && aws !== 'localstack')
    throw new Error(`--aws is embedded or localstack, not "${aws}"`);
  if (provision !== 'calls' && provision !== 'cdk')
    throw new Error(`--provision is cdk or calls, not "${provision}"`);
  if (provision === 'cdk' && aws !== 'localstack')
    throw new Error('--provision=cdk needs --aws=localstack: nothing else here has CloudFormation');
  return {
    provision,
    aws,
    reset: values.reset,
    help: values.help,
    port: parsePort(values.port, environment.HTTP_PORT),
  };
}

function parsePort(option: string | undefined, variable: string | undefined): number {
  const [name, text] =
    option === undefined
      ? ['HTTP_PORT', variable === undefined || variable === '' ? '3000' : variable]
      : ['--port', option];
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new Error(`${name} is a port from 0 to 65535, not "${text}"`);
  return port;
}
