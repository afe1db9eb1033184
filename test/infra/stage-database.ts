import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Connection, createConnection } from 'mysql2/promise';
import { databaseUsers } from '../../lib/data/database-accounts-sql.ts';
import { ensureAccount } from '../../lib/data/functions/database-accounts.ts';
import { startMysqlServer } from '../../localstack/mysql/start-mysql-server.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';
import { type AwsAnswer, type AwsCall, awsCalls } from '../support/servers/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import { resolved } from './instance-settings-of.ts';
import { runFunction } from './run-function.ts';
import { synthesisedStage } from '../support/observe/synthesised-stage.ts';
import { tlsAuthority } from '../support/servers/tls-authority.ts';

/** Contains a character that a URL must escape, as a rotated password may. */
export const password = 'pass^word=1';

export interface StageDatabase {
  /** Folder for further files of the test; removed at its end. */
  readonly work: string;
  readonly port: number;
  readonly admin: Connection;
  /** PEM of the authority of its certificate. */
  readonly authority: string;
  /** Credentials, and the endpoint of a Secrets Manager that knows the users' passwords. */
  readonly aws: Readonly<Record<string, string>>;
  readonly connectAs: (user: string, secret: string) => Promise<Connection>;
  /** Environment of the migration function, as the stack writes it, with another server. */
  readonly functionEnvironment: (port?: number) => Record<string, string>;
  /** Runs the migration function and returns its output. */
  readonly migrate: () => Promise<string>;
}

/** Response of Secrets Manager, by the name in the ARN that the stack writes. */
export function secretOf({ action, input }: AwsCall): AwsAnswer {
  if (action !== 'GetSecretValue') return { status: 400, error: 'AccessDenied' };
  const id = String(input['SecretId']);
  const user = databaseUsers.find((name) => id.includes(`secret${name}`));
  const SecretString = user === undefined ? 'redis-token' : JSON.stringify({ username: user, password });
  return { json: { SecretString } };
}

/** Starts a database server with TLS and the users of a stage, without tables. */
export async function startStageDatabase(): Promise<StageDatabase> {
  const work = mkdtempSync(join(tmpdir(), 'rowlock-instance-'));
  onCleanup(() => rmSync(work, { recursive: true, force: true }));
  const { authorityFile, certificateFile, keyFile } = tlsAuthority(work);
  const authority = readFileSync(authorityFile, 'utf8');
  const server = await startMysqlServer({
    dataDir: join(work, 'mysql'),
    cacheDir: shopPaths.cache,
    log: () => {},
    durable: false,
    extraSettings: [`ssl-cert=${certificateFile}`, `ssl-key=${keyFile}`],
  });
  onCleanup(() => server.stop());
  await server.createDatabase('rowlock');
  const admin = await createConnection({ uri: server.url() });
  onCleanup(() => admin.destroy());
  for (const user of databaseUsers) await ensureAccount(admin, user, { password });
  const { url } = await awsCalls(secretOf);
  const aws = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
  };
  const functionEnvironment = (port = server.port): Record<string, string> => {
    const { Environment } = synthesisedStage('minimal').one(
      'AWS::Lambda::Function',
      'MigrationsRunner',
    ).Properties;
    const own = Object.fromEntries(
      Object.entries(Environment['Variables']).map(([name, value]) => [name, resolved(value)]),
    );
    const template = own['DATABASE_URL_TEMPLATE'] ?? '';
    return {
      ...own,
      ...aws,
      DATABASE_URL_TEMPLATE: template.replace(/@[^@:]+:3306\//, `@localhost:${port}/`),
      NODE_EXTRA_CA_CERTS: authorityFile,
    };
  };
  return {
    work,
    port: server.port,
    admin,
    authority,
    aws,
    connectAs: (user, secret) =>
      createConnection({
        host: 'localhost',
        port: server.port,
        user,
        password: secret,
        database: 'rowlock',
        ssl: { ca: authority },
      }),
    functionEnvironment,
    migrate: async () => {
      const { code, output } = await runFunction('migrate-database', {}, functionEnvironment());
      expect(code, output).to.equal(0);
      return output;
    },
  };
}
