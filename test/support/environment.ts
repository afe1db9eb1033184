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
  const { TEST_AWS_PID } = process.env;
  const awsPid = TEST_AWS_PID === undefined ? undefined : Number(TEST_AWS_PID);
  return { mysqlUrl, redisUrl, awsEndpointUrl, awsKind, awsPid };
}
