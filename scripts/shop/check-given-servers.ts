import { Redis } from 'ioredis';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { databaseProblem, parseRedisInfo, redisProblem } from '../../app/platform/server-requirements.ts';
import { reasonOf } from '../../localstack/processes/reason-of.ts';

type Ping = (url: string) => Promise<void>;

const TIMEOUT_MS = 3_000;
const pings: Readonly<Record<string, { readonly protocols: readonly string[]; readonly ping: Ping }>> = {
  DATABASE_URL: { protocols: ['mysql:'], ping: pingMysql },
  REDIS_STATE_URL: { protocols: ['redis:', 'rediss:'], ping: (url) => pingRedis(url, 'state') },
  REDIS_CACHE_URL: { protocols: ['redis:', 'rediss:'], ping: (url) => pingRedis(url, 'cache') },
  AWS_ENDPOINT_URL: { protocols: ['http:', 'https:'], ping: pingHttp },
};

/**
 * Checks before anything starts that every server named in the environment responds and can run the shop
 * (server-requirements.ts). The app itself would start without them, but no customer could log in. Throws an
 * Error with one sentence for the first unsuitable server.
 */
export async function checkGivenServers(environment: NodeJS.ProcessEnv): Promise<void> {
  const given = Object.entries(pings).flatMap(([name, { protocols, ping }]) => {
    const url = environment[name];
    return url === undefined || url === '' ? [] : [{ name, url, protocols, ping }];
  });
  for (const { name, url, protocols } of given)
    if (!URL.canParse(url) || !protocols.includes(new URL(url).protocol))
      throw new Error(`${name} must be a URL that begins with ${protocols[0]}//.`);
  const failures = await Promise.all(
    given.map(({ name, url, ping }) =>
      within(ping(url)).then(
        () => undefined,
        (error: unknown) => `${name} is set and ${new URL(url).host} cannot be used: ${causeOf(error)}.`,
      ),
    ),
  );
  const failure = failures.find((text) => text !== undefined);
  if (failure !== undefined) throw new Error(failure);
}

async function pingMysql(uri: string): Promise<void> {
  const connection = await createConnection({ uri, connectTimeout: TIMEOUT_MS });
  try {
    const sql = 'SELECT VERSION() AS version';
    const [rows] = await connection.query<RowDataPacket[]>({ sql, timeout: TIMEOUT_MS });
    refuse(databaseProblem(String(rows[0]?.version)));
  } finally {
    connection.destroy();
  }
}

async function pingRedis(url: string, role: 'state' | 'cache'): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // connect() reports only that the connection is closed; the error event has the cause.
  let cause: unknown;
  client.on('error', (error: unknown) => {
    cause = error;
  });
  try {
    await client.connect();
    await client.ping();
    // The Redis user may not be allowed to call INFO.
    refuse(redisProblem(parseRedisInfo(await client.info().catch(() => '')), role));
  } catch (error) {
    throw cause ?? error;
  } finally {
    client.disconnect();
  }
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem);
}

/** Any response counts: S3 rejects a request without a signature. */
async function pingHttp(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.body?.cancel();
}

/** Limits the wait independently of the drivers' own timeouts. */
async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The innermost reason: fetch, and connections to several addresses, wrap it. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return causeOf(error.errors[0]);
  if (error instanceof Error && error.cause !== undefined) return causeOf(error.cause);
  return reasonOf(error).replace(/\.$/, '');
}
