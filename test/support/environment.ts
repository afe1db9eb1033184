/** Values that scripts/test passes to the suites. */
export interface TestEnvironment {
  /** Account that may create databases; the URL names no database. */
  readonly mysqlUrl: string;
  readonly redisUrl: string;
  readonly awsEndpointUrl: string;
  /** Kind of server: `embedded` checks no signatures, expiry or POST policies. */
  readonly awsKind: 'embedded' | 'localstack';
  /** Undefined if it runs in a container. */
  readonly awsPid: number | undefined;
  /** What carries order events in tests that are not about one transport. */
  readonly events: 'sqs' | 'kafka';
  /** Host and port of a broker; undefined if the run has none. */
  readonly kafkaBrokers: string | undefined;
}

const names = ['TEST_MYSQL_URL', 'TEST_REDIS_URL', 'TEST_AWS_ENDPOINT_URL', 'TEST_AWS_KIND'] as const;

/** Throws, with the command to use instead, when the suite was not started by scripts/test. */
export function testEnvironment(): TestEnvironment {
  const [mysqlUrl, redisUrl, awsEndpointUrl, awsKind] = names.map((name) => {
    const value = process.env[name];
    if (value === undefined || value === '') {
      throw new Error(
        `${name} is not set: run ./scripts/test, which starts the servers that this suite needs`,
      );
    }
    return value;
  }) as [string, string, string, string];
  if (awsKind !== 'embedded' && awsKind !== 'localstack')
    throw new Error(`TEST_AWS_KIND: ${awsKind} is unknown`);
  const { TEST_AWS_PID, TEST_EVENTS, TEST_KAFKA_BROKERS: kafkaBrokers } = process.env;
  const awsPid = TEST_AWS_PID === undefined ? undefined : Number(TEST_AWS_PID);
  const events = TEST_EVENTS === 'kafka' ? 'kafka' : 'sqs';
  return { mysqlUrl, redisUrl, awsEndpointUrl, awsKind, awsPid, events, kafkaBrokers };
}
