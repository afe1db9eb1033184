import { parseArgs } from 'node:util';
import { UsageError } from '../run-command.ts';

export interface UpOptions {
  /** Undefined means LocalStack if a Docker engine responds, else the embedded server. */
  readonly aws: 'embedded' | 'localstack' | undefined;
  /** What creates the bucket and the queues: S3 and SQS calls, or CloudFormation with the stacks of lib/. */
  readonly provision: 'calls' | 'cdk';
  /** What carries order events. */
  readonly events: 'sqs' | 'kafka';
  readonly reset: boolean;
  /** Restart the roles when a file in app/ changes, and let debuggers attach. */
  readonly dev: boolean;
  readonly port: number;
  readonly help: boolean;
}

export const upUsage = `usage: ./scripts/up [--port N] [--aws=embedded|localstack] [--provision=cdk]
                    [--events=kafka] [--reset] [--dev]

Starts MySQL, Redis, S3 and SQS unless the environment names them, migrates and seeds the database, then runs
the API, the worker and the data platform until Ctrl-C. Data stays in .local/ for the next start. If the shop
is already running, prints its address and exits with 0.

  --port N            API port (default: HTTP_PORT, else 3000; 0 picks a free port)
  --aws=embedded      S3 and SQS from the embedded server (default unless a Docker engine responds)
  --aws=localstack    LocalStack 4.14.0: in Docker Compose if an engine responds (then the default), else in a
                      Python virtual environment on the host
  --provision=cdk     with --aws=localstack: create the bucket and the queues with CloudFormation from the
                      storage and messaging stacks of lib/, instead of with S3 and SQS calls
  --events=kafka      order events through Kafka instead of SQS: KAFKA_BROKERS if set, else a new broker
  --dev               for work on the app: restart each role when a file in app/ changes, and let debuggers
                      attach: API on port 9229, worker on 9230, data platform on 9231
  --reset             delete the shop's data first, but no downloads

Environment: DATABASE_URL, REDIS_STATE_URL, REDIS_CACHE_URL, AWS_ENDPOINT_URL and KAFKA_BROKERS name servers
to use instead of starting new ones. ROWLOCK_MYSQLD and ROWLOCK_REDIS_SERVER name executables, JAVA_HOME and
KAFKA_HOME folders. ROWLOCK_CACHE_DIR is the folder for downloads (default .local/cache). While the shop runs,
.local/env contains the app's settings.
`;

/** Throws a UsageError with one sentence when an argument or HTTP_PORT is invalid. */
export function parseUpOptions(args: readonly string[], environment: NodeJS.ProcessEnv): UpOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      aws: { type: 'string' },
      provision: { type: 'string', default: 'calls' },
      events: { type: 'string' },
      reset: { type: 'boolean', default: false },
      dev: { type: 'boolean', default: false },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { aws, provision } = values;
  if (aws !== undefined && aws !== 'embedded' && aws !== 'localstack')
    throw new UsageError(`--aws must be embedded or localstack, not "${aws}"`);
  if (provision !== 'calls' && provision !== 'cdk')
    throw new UsageError(`--provision must be cdk or calls, not "${provision}"`);
  if (provision === 'cdk' && aws !== 'localstack')
    throw new UsageError('--provision=cdk needs --aws=localstack: only LocalStack has CloudFormation');
  const events = values.events ?? (environment.EVENTS || 'sqs');
  if (events !== 'sqs' && events !== 'kafka')
    throw new UsageError(
      `${values.events === undefined ? 'EVENTS' : '--events'} must be sqs or kafka, not "${events}"`,
    );
  return {
    provision,
    events,
    aws,
    reset: values.reset,
    dev: values.dev,
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
    throw new UsageError(`${name} must be a port from 0 to 65535, not "${text}"`);
  return port;
}
