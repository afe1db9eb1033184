import { execFile, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { databaseUsers } from '../../lib/database-accounts-sql.ts';
import { ensureAccount } from '../../lib/functions/database-accounts.ts';
import { bundlePackages } from '../../scripts/bundle/bundle-packages.ts';
import { stageBundle } from '../../scripts/bundle/stage-bundle.ts';
import { freePort } from '../../scripts/servers/free-port.ts';
import { type MysqlServer, startMysqlServer } from '../../scripts/servers/start-mysql-server.ts';
import { startRedisServer } from '../../scripts/servers/start-redis-server.ts';
import { awsCalls } from '../support/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import { instanceSettingsOf } from '../support/instance-settings-of.ts';
import { runAdminScript } from '../support/run-admin-script.ts';
import { type RunningUnit, runUnit } from '../support/run-unit.ts';
import { reportedMetric } from '../support/reported-metric.ts';
import { settingsOnThisMachine } from '../support/settings-on-this-machine.ts';
import { synthesisedStage } from '../support/synthesised-stage.ts';
import { tlsAuthority } from '../support/tls-authority.ts';
import { until } from '../support/until.ts';
import { shopPaths } from '../../scripts/shop/shop-paths.ts';

const top = join(import.meta.dirname, '../..');
const cacheDir = shopPaths.cache;
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
/** Debian: apt-get install qemu-user libc6-arm64-cross libstdc++6-arm64-cross. */
const armLibraries = '/usr/aarch64-linux-gnu';
const emulator = ['qemu-aarch64', '-L', armLibraries];
const canEmulateArm =
  arch === 'x64' &&
  existsSync(join(armLibraries, 'lib/libstdc++.so.6')) &&
  spawnSync('qemu-aarch64', ['--version']).status === 0;
/** A sign that a URL has to escape, as rotation may choose it. */
const password = 'pass^word=1';

// The bundle of this machine's architecture, run by its own units against real servers, with the settings that
// the stack writes. Only hosts and ports in them are other ones.
describe('an instance', function () {
  let mysql: MysqlServer;
  let admin: Connection;
  let bundle: string;
  let machine: Record<string, string>;
  let httpPort: number;
  let authority: string;

  before(async function () {
    const work = mkdtempSync(join(tmpdir(), 'rowlock-instance-'));
    onCleanup(() => rmSync(work, { recursive: true, force: true }));
    const tls = tlsAuthority(work);
    authority = readFileSync(tls.authorityFile, 'utf8');
    const log = () => {};
    const startedMysql = startMysqlServer({
      dataDir: join(work, 'mysql'),
      cacheDir,
      log,
      durable: false,
      extraSettings: [`ssl-cert=${tls.certificateFile}`, `ssl-key=${tls.keyFile}`],
    });
    const startedRedis = startRedisServer({ dataDir: join(work, 'redis'), cacheDir, log, durable: false });
    mysql = await startedMysql;
    onCleanup(() => mysql.stop());
    const redis = await startedRedis;
    onCleanup(() => redis.stop());
    await mysql.createDatabase('rowlock');
    admin = await createConnection({ uri: mysql.url() });
    onCleanup(() => admin.destroy());
    for (const user of databaseUsers) await ensureAccount(admin, user, { password });

    bundle = join(work, 'bundle');
    await stageBundle({ top, directory: bundle, arch, packages: bundlePackages(top, arch), linksNode: true });
    // Stands for the authority of RDS.
    appendFileSync(join(bundle, 'rds-ca.pem'), authority);

    httpPort = await freePort();
    const stage = synthesisedStage('minimal');
    const { url } = await awsCalls(({ action, input }) => {
      if (action !== 'GetSecretValue') return { status: 400, error: 'AccessDenied' };
      const id = String(input['SecretId']);
      const user = databaseUsers.find((name) => id.includes(`secret${name}`));
      const SecretString = user === undefined ? 'redis-token' : JSON.stringify({ username: user, password });
      return { json: { SecretString } };
    });
    const place = (fleet: 'Api' | 'DataPlatform') => {
      const file = join(work, `${fleet}.json`);
      const settings = instanceSettingsOf(stage, fleet);
      writeFileSync(
        file,
        JSON.stringify(settingsOnThisMachine(settings, { mysql: mysql.port, redis: redis.port, httpPort })),
      );
      return file;
    };
    machine = {
      ROWLOCK_SETTINGS: place('Api'),
      CONSUMER_SETTINGS: place('DataPlatform'),
      // What the metadata service gives on an instance.
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    };
  });

  const ready = async () => {
    const reply = await fetch(`http://127.0.0.1:${httpPort}/readyz`).catch(() => undefined);
    return reply?.status;
  };
  const hasLogged = (unit: RunningUnit, event: string) =>
    until(`${event} in the log`, () => unit.output().includes(`"event":"${event}"`), { timeoutMs: 20_000 });

  const connectAs = (user: string, secret: string) =>
    createConnection({
      host: 'localhost',
      port: mysql.port,
      user,
      password: secret,
      database: 'rowlock',
      ssl: { ca: authority },
    });

  // For tests that need the tables, so that each can be run alone: what has been migrated stays as it is.
  const migrate = async () => {
    const unit = await runUnit(bundle, 'migrate', machine);
    expect(await unit.ended, unit.output()).to.equal(0);
  };

  it('migrates the database as its own user', async () => {
    await migrate();
    const [tables] = await admin.query<RowDataPacket[]>('SHOW TABLES FROM rowlock');
    expect(tables).to.have.length.of.at.least(12);
  });

  it('serves /readyz, with passwords that nobody else can read', async () => {
    await migrate();
    const unit = await runUnit(bundle, 'api', machine);
    await until('/readyz answers 200', async () => (await ready()) === 200, { timeoutMs: 20_000 });
    expect(statSync(unit.environmentFile ?? '').mode & 0o777).to.equal(0o600);
    expect(readFileSync(unit.environmentFile ?? '', 'utf8')).to.contain(encodeURIComponent(password));
    expect(unit.output()).to.not.contain(password);
    const [rows] = await admin.query<RowDataPacket[]>(
      "SELECT DISTINCT user FROM information_schema.processlist WHERE db = 'rowlock'",
    );
    expect(rows.map((row) => String(row['user'] ?? row['USER']))).to.deep.equal(['app']);
    unit.child.kill('SIGTERM');
    expect(await unit.ended).to.equal(0);
  });

  it('makes the first admin with the settings of its API', async () => {
    await migrate();
    const unit = await runUnit(bundle, 'api', machine);
    const input = 'first of this instance';
    const args = ['create', 'first@example.com'];
    const run = runAdminScript({ bundle, environmentFile: unit.environmentFile ?? '', args, input });
    const stdout = 'first@example.com is an admin now.\n';
    expect(run).to.deep.equal({ status: 0, stdout, stderr: '' });
    const [users] = await admin.query<RowDataPacket[]>('SELECT email, role FROM rowlock.users');
    expect(users).to.deep.include({ email: 'first@example.com', role: 'admin' });
    expect(unit.output()).not.to.contain(input);
  });

  it(
    `boots for Arm, emulated${canEmulateArm ? '' : ' (needs qemu-aarch64 and its libraries)'}`,
    canEmulateArm
      ? async function () {
          this.timeout(300_000);
          const arm = join(bundle, '../arm');
          const packages = bundlePackages(top, 'arm64');
          await stageBundle({ top, directory: arm, arch: 'arm64', packages, linksNode: true });
          appendFileSync(join(arm, 'rds-ca.pem'), authority);
          const migrate = await runUnit(arm, 'migrate', machine, emulator);
          expect(await migrate.ended, migrate.output()).to.equal(0);
          const unit = await runUnit(arm, 'api', machine, emulator);
          await until('/readyz answers 200', async () => (await ready()) === 200, { timeoutMs: 90_000 });
          unit.child.kill('SIGTERM');
          expect(await unit.ended).to.equal(0);
        }
      : undefined,
  );

  it('runs the relay', async () => {
    await migrate();
    await hasLogged(await runUnit(bundle, 'worker', machine), 'role_started');
  });

  it('reports what the alarms on outbox and drift look at, and they fire when they should', async () => {
    await migrate();
    const alarms = synthesisedStage('minimal').ofType('AWS::CloudWatch::Alarm');
    const alarmOf = (name: string) => {
      const found = alarms.find(({ Properties }) => Properties['AlarmName'] === `rowlock-minimal-${name}`);
      if (found === undefined) throw new Error(`no alarm ${name}`);
      return found.Properties;
    };
    const unit = await runUnit(bundle, 'worker', {
      ...machine,
      METRICS_EVERY_MS: '200',
      AUDIT_EVERY_MS: '300',
    });
    for (const name of ['outbox-waits', 'drift']) {
      const alarm = alarmOf(name);
      const value = await until(`${name} is reported`, () => {
        const found = reportedMetric(unit.output(), alarm);
        return found === undefined ? undefined : { found };
      });
      expect(value.found, `${name} at rest`).to.be.at.most(alarm['Threshold'] as number);
    }
    // An event that nobody has sent for ten minutes, and money that came from nowhere.
    await admin.query(`INSERT INTO rowlock.outbox (event_id, type, payload, created_at, claimed_until)
      VALUES (UNHEX(REPEAT('01', 16)), 'test', '{}', UTC_TIMESTAMP(3) - INTERVAL 10 MINUTE,
              UTC_TIMESTAMP(3) + INTERVAL 10 MINUTE)`);
    await admin.query(`INSERT INTO rowlock.users (id, email, password_hash, created_at)
      VALUES (UNHEX(REPEAT('02', 16)), 'a@example.com', '', UTC_TIMESTAMP(3))`);
    await admin.query(
      "INSERT INTO rowlock.wallets (user_id, balance, version) VALUES (UNHEX(REPEAT('02', 16)), 5, 1)",
    );
    for (const name of ['outbox-waits', 'drift']) {
      const alarm = alarmOf(name);
      await until(`${name} is above its threshold`, () => {
        return (reportedMetric(unit.output(), alarm) ?? 0) > (alarm['Threshold'] as number);
      });
    }
  });

  it('counts events as the user of the statistics', async () => {
    await migrate();
    const { CONSUMER_SETTINGS = '', ...rest } = machine;
    const unit = await runUnit(bundle, 'data-platform', { ...rest, ROWLOCK_SETTINGS: CONSUMER_SETTINGS });
    await hasLogged(unit, 'role_started');
  });

  it('trusts no other database than one with a certificate of RDS', async () => {
    const pem = join(bundle, 'rds-ca.pem');
    writeFileSync(pem, readFileSync(pem, 'utf8').replace(authority, ''));
    try {
      const unit = await runUnit(bundle, 'api', machine);
      await hasLogged(unit, 'database_not_ready');
      expect(unit.output()).to.match(/certificate/i);
      expect(await ready()).to.equal(503);
    } finally {
      appendFileSync(pem, authority);
    }
  });

  it('answers CloudFormation in any case, also when the database is a stranger', async () => {
    // The function as the stack deploys it, in a process of its own.
    const code = join(top, '.local/functions/database-accounts/index.mjs');
    const answers = await awsCalls(({ action }) =>
      action === 'GetSecretValue'
        ? {
            json: {
              SecretString: JSON.stringify({
                host: 'localhost',
                port: mysql.port,
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
      const script = `import(${JSON.stringify(code)}).then(({ handler }) => handler(${JSON.stringify(request)}))`;
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = machine;
      await promisify(execFile)(process.execPath, ['-e', script], {
        env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION: 'x', AWS_ENDPOINT_URL: answers.url },
        timeout: 20_000,
      });
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
    expect(answers.calls, 'the users go with the database').to.have.lengthOf(1);
  });

  it('gives each user of the database what it needs and no more', async () => {
    await migrate();
    const tries = async (user: string, sql: string): Promise<number | 'allowed'> => {
      const connection = await connectAs(user, password);
      try {
        await connection.query(sql);
        return 'allowed';
      } catch (error) {
        return (error as { errno: number }).errno;
      } finally {
        connection.destroy();
      }
    };
    const denied = 1142;
    expect(await tries('app', 'DELETE FROM outbox')).to.equal('allowed');
    expect(await tries('app', 'DROP TABLE outbox')).to.equal(denied);
    expect(await tries('app', 'CREATE TABLE t (id INT)')).to.equal(denied);
    expect(await tries('statistics', 'SELECT 1 FROM product_sales_hourly')).to.equal('allowed');
    expect(await tries('statistics', 'SELECT 1 FROM wallets')).to.equal(denied);
    expect(await tries('statistics', 'DROP TABLE processed_events')).to.equal(denied);
    expect(await tries('migrator', 'CREATE TABLE t (id INT)')).to.equal('allowed');
    expect(await tries('migrator', 'DROP TABLE t')).to.equal('allowed');
    expect(await tries('migrator', "CREATE USER x@'%'")).to.equal(1227);
  });

  it('lets nobody in without TLS', async () => {
    for (const user of databaseUsers) {
      const refused = await createConnection({ host: '127.0.0.1', port: mysql.port, user, password }).then(
        (connection) => {
          connection.destroy();
          return undefined;
        },
        (error: unknown) => error as { errno: number },
      );
      expect(refused?.errno, user).to.equal(1045);
    }
  });

  it('keeps a password that rotation has changed, and gives new rights to both users', async () => {
    await migrate();
    await admin.query("ALTER USER app@'%' IDENTIFIED BY 'rotated'");
    await admin.query("CREATE USER app_clone@'%' IDENTIFIED BY 'rotated'");
    await ensureAccount(admin, 'app', { password });
    const connection = await connectAs('app_clone', 'rotated');
    await connection.query('SELECT 1 FROM orders');
    connection.destroy();
    (await connectAs('app', 'rotated')).destroy();
  });
});
