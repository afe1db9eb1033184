import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { provision } from '../../localstack/aws/provision.ts';
import { startAwsEndpoint } from '../../localstack/aws/start-aws-endpoint.ts';
import { databaseUsers } from '../../lib/data/database-accounts-sql.ts';
import { ensureAccount } from '../../lib/data/functions/database-accounts.ts';
import { bundlePackages } from '../../scripts/bundle/bundle-packages.ts';
import { stageBundle } from '../../scripts/bundle/stage-bundle.ts';
import { freePort } from '../../localstack/processes/free-port.ts';
import { awsCalls } from '../support/servers/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import { instanceSettingsOf } from './instance-settings-of.ts';
import { startOwnRedis } from '../support/servers/own-redis.ts';
import { runInstanceScript } from './run-instance-script.ts';
import { type RunningUnit, runUnit } from './run-unit.ts';
import { reportedMetric } from '../support/observe/reported-metric.ts';
import { settingsOnThisMachine } from './settings-on-this-machine.ts';
import { password, secretOf, type StageDatabase, startStageDatabase } from './stage-database.ts';
import { synthesisedStage } from '../support/observe/synthesised-stage.ts';
import { until } from '../support/until.ts';

const top = join(import.meta.dirname, '../..');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
/** Debian: apt-get install qemu-user libc6-arm64-cross libstdc++6-arm64-cross. */
const armLibraries = '/usr/aarch64-linux-gnu';
const emulator = ['qemu-aarch64', '-L', armLibraries];
const canEmulateArm =
  arch === 'x64' &&
  existsSync(join(armLibraries, 'lib/libstdc++.so.6')) &&
  spawnSync('qemu-aarch64', ['--version']).status === 0;
// The bundle for this machine's architecture, run by its own units against real servers, with the settings
// that the stack writes. Only hosts and ports differ.
describe('an instance', function () {
  let database: StageDatabase;
  let admin: Connection;
  let bundle: string;
  let machine: Record<string, string>;
  let httpPort: number;
  let authority: string;

  before(async function () {
    const startedDatabase = startStageDatabase();
    const startedRedis = startOwnRedis();
    database = await startedDatabase;
    const redis = await startedRedis;
    ({ admin, authority } = database);
    const { work } = database;

    bundle = join(work, 'bundle');
    await stageBundle({ top, directory: bundle, arch, packages: bundlePackages(top, arch), linksNode: true });
    // Takes the place of RDS's certificate authority.
    appendFileSync(join(bundle, 'rds-ca.pem'), authority);

    httpPort = await freePort();
    const stage = synthesisedStage('minimal');
    const place = (fleet: 'Api' | 'DataPlatform') => {
      const file = join(work, `${fleet}.json`);
      const settings = instanceSettingsOf(stage, fleet);
      writeFileSync(
        file,
        JSON.stringify(
          settingsOnThisMachine(settings, {
            mysql: database.port,
            redis: Number(new URL(redis.url).port),
            httpPort,
          }),
        ),
      );
      return file;
    };
    machine = {
      ROWLOCK_SETTINGS: place('Api'),
      CONSUMER_SETTINGS: place('DataPlatform'),
      // Values that the metadata service returns on an instance.
      ...database.aws,
    };
  });

  const ready = async () => {
    const reply = await fetch(`http://127.0.0.1:${httpPort}/readyz`).catch(() => undefined);
    return reply?.status;
  };
  const hasLogged = (unit: RunningUnit, event: string) =>
    until(`${event} in the log`, () => unit.output().includes(`"event":"${event}"`), { timeoutMs: 20_000 });

  // Creates the tables for a test that needs them, so that each test can run alone. Applied migrations are
  // kept.
  const migrate = () => database.migrate();

  it('serves /readyz, with passwords that only its unit can read', async () => {
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
    const run = runInstanceScript({
      bundle,
      script: 'admin.sh',
      environmentFile: unit.environmentFile ?? '',
      args,
      input,
    });
    const stdout = 'first@example.com is an admin now.\n';
    expect(run).to.deep.equal({ status: 0, stdout, stderr: '' });
    const [users] = await admin.query<RowDataPacket[]>('SELECT email, role FROM rowlock.users');
    expect(users).to.deep.include({ email: 'first@example.com', role: 'admin' });
    expect(unit.output()).not.to.contain(input);
  });

  it('audits the database, or a copy of it, with the settings of its API', async () => {
    await migrate();
    const unit = await runUnit(bundle, 'api', machine);
    const audit = (...args: string[]) =>
      runInstanceScript({ bundle, script: 'audit.sh', environmentFile: unit.environmentFile ?? '', args });
    const clean = audit();
    expect(clean).to.deep.include({ status: 0, stderr: '' });
    expect(clean.stdout).to.match(/\nEverything adds up\.\n$/);
    await admin.query(`INSERT INTO rowlock.users (id, email, password_hash, created_at)
      VALUES (UNHEX(REPEAT('0a', 16)), 'audited@example.com', '', UTC_TIMESTAMP(3))`);
    await admin.query(
      "INSERT INTO rowlock.wallets (user_id, balance, version) VALUES (UNHEX(REPEAT('0a', 16)), 5, 1)",
    );
    try {
      expect(audit()).to.deep.include({ status: 1, stderr: '' });
      const copy = audit('--host=localhost', '--json');
      expect(copy).to.deep.include({ status: 1, stderr: '' });
      expect(JSON.parse(copy.stdout)).to.deep.include({ isClean: false, mode: 'full' });
      const away = audit('--host=no-copy.invalid');
      expect(away.status).to.equal(2);
      expect(away.stderr)
        .to.match(/^audit: not carried out: .*no-copy\.invalid/)
        .and.not.contain(password);
      const unnamed = audit('--host=127.0.0.1');
      expect(unnamed).to.deep.include({ status: 2, stdout: '' });
      expect(unnamed.stderr).to.contain('--host must be the name of a server');
    } finally {
      await admin.query("DELETE FROM rowlock.wallets WHERE user_id = UNHEX(REPEAT('0a', 16))");
      await admin.query("DELETE FROM rowlock.users WHERE id = UNHEX(REPEAT('0a', 16))");
    }
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
          await migrate();
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

  it('reports the metrics of the outbox and drift alarms, which fire when they should', async () => {
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
    // An event that has been unsent for ten minutes, and a balance without a ledger entry.
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

  it('counts events as the statistics user, and is ready once it does', async () => {
    await migrate();
    const { CONSUMER_SETTINGS: settingsFile = '', ...rest } = machine;
    const readyFileOf = (unit: RunningUnit) => join(dirname(unit.environmentFile ?? ''), 'ready');
    // Its queue does not exist.
    const idle = await runUnit(bundle, 'data-platform', { ...rest, ROWLOCK_SETTINGS: settingsFile });
    await hasLogged(idle, 'event_consume_failed');
    expect(existsSync(readyFileOf(idle)), 'a consumer that cannot consume is not ready').to.equal(false);

    const region = 'ap-northeast-2';
    const endpoint = await startAwsEndpoint({
      mode: 'embedded',
      dataDir: join(database.work, 'aws'),
      cacheDir: join(database.work, 'cache'),
      region,
      log: () => undefined,
    });
    onCleanup(() => endpoint.stop());
    const { queueUrl } = await provision({
      endpoint: endpoint.endpoint,
      region,
      hasBucketConfiguration: endpoint.hasBucketConfiguration,
    });
    const withQueue = join(database.work, 'with-queue.json');
    writeFileSync(
      withQueue,
      readFileSync(settingsFile, 'utf8').replace('http://127.0.0.1:9/queue', queueUrl),
    );
    const unit = await runUnit(bundle, 'data-platform', {
      ...rest,
      ROWLOCK_SETTINGS: withQueue,
      AWS_ENDPOINT_URL_SQS: endpoint.endpoint,
    });
    await until('the ready file', () => existsSync(readyFileOf(unit)), { timeoutMs: 40_000 });
    expect(instanceSettingsOf(synthesisedStage('minimal'), 'DataPlatform').readyFile).to.equal(
      '/run/rowlock-data-platform/ready',
    );
  });

  it('trusts only a database with a certificate of RDS', async () => {
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

  it('waits for Secrets Manager before it starts a process', async () => {
    await migrate();
    let refusals = 3;
    const { url } = await awsCalls((call) => {
      refusals -= 1;
      return refusals >= 0 ? { status: 400, error: 'AccessDenied' } : secretOf(call);
    });
    const unit = await runUnit(bundle, 'worker', { ...machine, AWS_ENDPOINT_URL_SECRETS_MANAGER: url });
    await hasLogged(unit, 'role_started');
    expect(refusals).to.be.lessThan(0);
  });

  it('gives each database user only the rights that it needs', async () => {
    await migrate();
    const tries = async (user: string, sql: string): Promise<number | 'allowed'> => {
      const connection = await database.connectAs(user, password);
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

  it('accepts no connection without TLS', async () => {
    for (const user of databaseUsers) {
      const refused = await createConnection({ host: '127.0.0.1', port: database.port, user, password }).then(
        (connection) => {
          connection.destroy();
          return undefined;
        },
        (error: unknown) => error as { errno: number },
      );
      expect(refused?.errno, user).to.equal(1045);
    }
  });

  it('keeps a rotated password, and grants new rights to both users', async () => {
    await migrate();
    await admin.query("ALTER USER app@'%' IDENTIFIED BY 'rotated'");
    await admin.query("CREATE USER app_clone@'%' IDENTIFIED BY 'rotated'");
    await ensureAccount(admin, 'app', { password });
    const connection = await database.connectAs('app_clone', 'rotated');
    await connection.query('SELECT 1 FROM orders');
    connection.destroy();
    (await database.connectAs('app', 'rotated')).destroy();
  });
});
