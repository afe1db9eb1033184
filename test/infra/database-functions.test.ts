import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RowDataPacket } from 'mysql2/promise';
import { freePort } from '../../localstack/processes/free-port.ts';
import { awsCalls } from '../support/servers/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import { runFunction } from './run-function.ts';
import { password, secretOf, type StageDatabase, startStageDatabase } from './stage-database.ts';
import { until } from '../support/until.ts';

const top = join(import.meta.dirname, '../..');

// Runs each function as deployed, in a separate process, against a real server with TLS.
describe('a database function', function () {
  let database: StageDatabase;

  before(async () => {
    database = await startStageDatabase();
  });

  it('that migrates applies each migration once, as a separate user', async () => {
    await database.migrate();
    const [applied] = await database.admin.query<RowDataPacket[]>(
      'SELECT name FROM rowlock.schema_migrations',
    );
    const files = readdirSync(join(top, 'app/migrations')).filter((name) => name.endsWith('.sql'));
    expect(applied.map(({ name }) => String(name))).to.have.members(files);
    expect(await database.migrate()).to.contain('{"answer":{"applied":[]}}');
  });

  it('that creates users always answers CloudFormation, even for an untrusted database', async () => {
    const answers = await awsCalls(({ action }) =>
      action === 'GetSecretValue'
        ? {
            json: {
              SecretString: JSON.stringify({
                host: 'localhost',
                port: database.port,
                username: 'admin',
                password,
              }),
            },
          }
        : { json: {} },
    );
    const run = async (RequestType: 'Create' | 'Delete') => {
      const request = {
        RequestType,
        ResponseURL: `${answers.url}/answer`,
        StackId: 'stack',
        RequestId: 'request',
        LogicalResourceId: 'Users',
        ResourceProperties: {
          AdminSecretArn: 'admin',
          SecretArns: { migrator: 'm', app: 'a', statistics: 's' },
        },
      };
      const env = {
        ...database.aws,
        AWS_ENDPOINT_URL: answers.url,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: answers.url,
      };
      const { code, output } = await runFunction('database-accounts', request, env);
      expect(code, output).to.equal(0);
      return answers.calls.find(({ action }) => action === '/answer');
    };
    const { body: refused } = (await run('Create')) ?? {};
    expect(JSON.parse(refused ?? '{}')).to.include({ Status: 'FAILED', LogicalResourceId: 'Users' });
    expect(JSON.parse(refused ?? '{}'))
      .to.have.property('Reason')
      .that.matches(/certificate/i);
    answers.calls.length = 0;
    const { body: deleted } = (await run('Delete')) ?? {};
    expect(JSON.parse(deleted ?? '{}')).to.include({ Status: 'SUCCESS' });
    expect(answers.calls, 'the users are deleted with the database').to.have.lengthOf(1);
  });

  const answerOf = (calls: readonly { action: string; body: string }[]) => {
    const found = calls.find(({ action }) => action === '/answer');
    return JSON.parse(found?.body ?? '{}') as { Status?: string; Reason?: string };
  };
  const releaseRequest = (url: string, Release: string) => ({
    RequestType: 'Update',
    ResponseURL: `${url}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Migrations',
    ResourceProperties: { Release },
  });

  it('that migrates fails a release whose migrations fail, with the reason', async () => {
    await database.migrate();
    const { url, calls } = await awsCalls(() => ({ json: {} }));
    const environment = database.functionEnvironment();
    const { MIGRATIONS_RELEASE = '' } = environment;
    await database.admin.query(
      "UPDATE rowlock.schema_migrations SET sha256 = REVERSE(sha256) WHERE name LIKE '0001%'",
    );
    try {
      const { code } = await runFunction(
        'migrate-database',
        releaseRequest(url, MIGRATIONS_RELEASE),
        environment,
      );
      expect(code).to.equal(0);
      expect(answerOf(calls)).to.include({
        Status: 'FAILED',
        Reason:
          'migration 0001-users.sql was changed after it had been applied: restore the file, and put ' +
          'the change into a new migration',
      });
      // During the rollback, CloudFormation calls the same code with the previous release.
      calls.length = 0;
      await runFunction('migrate-database', releaseRequest(url, 'the release before'), environment);
      expect(answerOf(calls)).to.include({ Status: 'SUCCESS' });
    } finally {
      await database.admin.query(
        "UPDATE rowlock.schema_migrations SET sha256 = REVERSE(sha256) WHERE name LIKE '0001%'",
      );
    }
  });

  it('that migrates logs each wait for a table that a reader holds', async () => {
    await database.migrate();
    await database.admin.query('ALTER TABLE rowlock.coupons DROP COLUMN version');
    await database.admin.query("DELETE FROM rowlock.schema_migrations WHERE name LIKE '0059%'");
    const reader = await database.connectAs('migrator', password);
    onCleanup(() => reader.destroy());
    await reader.query('START TRANSACTION');
    await reader.query('SELECT 1 FROM coupons');
    const running = database.migrate();
    const waiting = async (): Promise<boolean> => {
      const [found] = await database.admin.query<RowDataPacket[]>(
        'SELECT 1 FROM information_schema.processlist ' +
          "WHERE info LIKE '%ALTER TABLE coupons%' AND state LIKE '%metadata lock%'",
      );
      return found.length > 0;
    };
    try {
      await until('the migration waits for the table', waiting);
      await until('the first attempt has given up', async () => !(await waiting()));
    } finally {
      await reader.query('COMMIT');
    }
    const output = await running;
    expect(output).to.contain(
      '"event":"migration_waits","migration":"0059-coupons-version.sql","attempt":1}',
    );
    expect(output).to.contain('{"answer":{"applied":["0059-coupons-version.sql"]}}');
  });

  it('that migrates waits for Secrets Manager and for a database that starts late', async () => {
    const port = await freePort();
    const { url } = await awsCalls(() => ({ json: {} }));
    let refusals = 2;
    const secrets = await awsCalls((call) => {
      refusals -= 1;
      return refusals >= 0 ? { status: 400, error: 'AccessDenied' } : secretOf(call);
    });
    const own = database.functionEnvironment(port);
    const request = releaseRequest(url, own['MIGRATIONS_RELEASE'] ?? '');
    const environment = { ...own, AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url };
    const running = runFunction('migrate-database', request, environment);
    await until(
      'the function has retried after a rejected secret and a missing database',
      () => secrets.calls.length > 3,
    );
    const late = createServer((from) => {
      const to = connect(database.port, '127.0.0.1');
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        one.on('error', () => other.destroy());
        one.pipe(other);
      }
    });
    await new Promise<void>((listening) => {
      late.listen(port, '127.0.0.1', listening);
    });
    onCleanup(() => {
      late.close();
    });
    const { code, output } = await running;
    expect(code, output).to.equal(0);
    expect(output).to.contain('"event":"migrations_postponed"').and.contain('the secret of the migrator');
    expect(output).to.contain('ECONNREFUSED').and.contain('"event":"migrated"');
  });
});
