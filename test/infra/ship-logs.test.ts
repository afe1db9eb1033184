import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bundlePackages } from '../../scripts/bundle/bundle-packages.ts';
import { stageBundle } from '../../scripts/bundle/stage-bundle.ts';
import { type AwsAnswer, type AwsCall, awsCalls } from '../support/servers/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import { formatFaults } from '../support/observe/embedded-metric-format.ts';
import { journaldMissing, type JournalNamespace, journalNamespace } from './journal-namespace.ts';
import { reportedMetric } from '../support/observe/reported-metric.ts';
import { runUnit } from './run-unit.ts';
import { skipWithout } from '../support/skip-without.ts';
import { synthesisedStage } from '../support/observe/synthesised-stage.ts';
import { until } from '../support/until.ts';

const top = join(import.meta.dirname, '../..');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const settings = { region: 'ap-northeast-2', logGroup: '/rowlock/minimal/api', processes: {} };

// The unit rowlock-logs from the bundle, a real systemd-journald, and a stand-in for CloudWatch Logs.
describe('the log shipper', function () {
  let work: string;
  let bundle: string;
  let journal: JournalNamespace;

  before(async function () {
    const missing = journaldMissing();
    if (missing !== undefined) skipWithout(missing, this);
    work = mkdtempSync(join(tmpdir(), 'rowlock-shipper-'));
    onCleanup(() => rmSync(work, { recursive: true, force: true }));
    bundle = join(work, 'bundle');
    await stageBundle({ top, directory: bundle, arch, packages: bundlePackages(top, arch), linksNode: true });
  });

  beforeEach(async () => {
    journal = await journalNamespace();
  });

  const openCloudWatch = async (refuse: (call: AwsCall) => AwsAnswer | undefined = () => undefined) => {
    const received: string[] = [];
    const { url, calls } = await awsCalls(
      (call) => {
        const refusal = refuse(call);
        if (refusal !== undefined) return refusal;
        for (const { message } of (call.input['logEvents'] ?? []) as { message: string }[]) {
          received.push(message);
        }
        return { json: {} };
      },
      { 'instance-id': () => 'i-0123456789' },
    );
    const home = mkdtempSync(join(work, 'machine-'));
    writeFileSync(join(home, 'journalctl'), `#!/bin/sh\n${journal.journalctl}\n`);
    chmodSync(join(home, 'journalctl'), 0o755);
    writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
    const env = {
      PATH: `${home}:/usr/bin:/bin`,
      HOME: home,
      ROWLOCK_SETTINGS: join(home, 'settings.json'),
      STATE_DIRECTORY: home,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    return { received, calls, cursor: join(home, 'cursor'), ship: () => runUnit(bundle, 'logs', env) };
  };
  const arrive = (received: readonly string[], ...lines: readonly string[]) =>
    until(`CloudWatch has ${lines.map((line) => line.slice(0, 20)).join()}`, () =>
      lines.every((line) => received.includes(line)),
    );

  it('ships lines of units that start later than the shipper', async () => {
    const { received, calls, ship } = await openCloudWatch();
    journal.unit('rowlock-logs').write('the shipper itself');
    journal.unit('sshd').write('nothing of ours');
    await until('journald knows both', () => journal.messages('sshd').length > 0);
    await ship();
    await arrive(received, 'the shipper itself');
    const units = readdirSync(join(top, 'lib/instance/units')).map((file) => file.replace('.service', ''));
    expect(units).to.include.members(['rowlock-api', 'rowlock-worker', 'rowlock-data-platform']);
    for (const name of units) journal.unit(name).write(`a line of ${name}`);
    await arrive(received, ...units.map((name) => `a line of ${name}`));
    expect(received).to.not.include('nothing of ours');
    expect(calls.find(({ action }) => action === 'PutLogEvents')?.input).to.include({
      logGroupName: settings.logGroup,
      logStreamName: 'i-0123456789',
    });
  });

  it('ships a line of 100 KB whole, and a longer one truncated', async () => {
    const { received, ship } = await openCloudWatch();
    const api = journal.unit('rowlock-api');
    const large = JSON.stringify({ event: 'request_crashed', stack: 'x'.repeat(100_000) });
    api.write(large);
    api.write(`${'y'.repeat(131_072)}${'z'.repeat(10)}`);
    await ship();
    await arrive(received, large, `${'y'.repeat(131_072)} … 10 bytes more`);
  });

  it('reports disk and memory usage as the metrics of the alarms', async () => {
    const { received, ship } = await openCloudWatch();
    const unit = await ship();
    const line = await until('the shipper reports disk and memory', () =>
      unit
        .output()
        .split('\n')
        .find((text) => text.includes('"instance_metrics"')),
    );
    expect(formatFaults(line)).to.deep.equal([]);
    expect(received, 'systemd puts its output into the journal, nothing else does').to.deep.equal([]);
    for (const name of ['disk', 'memory']) {
      const alarm = synthesisedStage('minimal').one('AWS::CloudWatch::Alarm', `Alarmsinstance${name}api`);
      expect(reportedMetric(line, alarm.Properties), name).to.be.within(1, 100);
    }
  });

  it('loses no line when it is killed, and continues after the last accepted one', async () => {
    const { received, cursor, ship } = await openCloudWatch();
    const api = journal.unit('rowlock-api');
    api.write('before');
    const first = await ship();
    await until('the shipper stores its position', () => existsSync(cursor));
    first.child.kill('SIGKILL');
    await first.ended;
    for (let n = 0; n < 100; n += 1) api.write(`meanwhile ${n}`);
    await until('journald has all', () => journal.messages('rowlock-api').length === 101);
    await ship();
    await arrive(received, ...Array.from({ length: 100 }, (_, n) => `meanwhile ${n}`));
    expect(received.filter((line) => line === 'before')).to.have.lengthOf(1);
  });

  it('ships the last lines before it exits on SIGTERM', async () => {
    const { received, ship } = await openCloudWatch();
    const api = journal.unit('rowlock-api');
    api.write('first');
    const unit = await ship();
    await arrive(received, 'first');
    api.write('last words');
    await until('journald has it', () => journal.messages('rowlock-api').includes('last words'));
    unit.child.kill('SIGTERM');
    expect(await unit.ended, unit.output()).to.equal(0);
    expect(received.filter((line) => line === 'last words')).to.have.lengthOf(1);
  });

  it('retries when it is throttled, and recreates a deleted stream', async () => {
    const answers: AwsAnswer[] = [
      { status: 400, error: 'ThrottlingException' },
      { status: 400, error: 'ResourceNotFoundException' },
    ];
    const { received, calls, ship } = await openCloudWatch(({ action }) =>
      action === 'PutLogEvents' ? answers.shift() : undefined,
    );
    journal.unit('rowlock-api').write('patience');
    await ship();
    await arrive(received, 'patience');
    expect(calls.map(({ action }) => action)).to.deep.equal([
      'CreateLogStream',
      'PutLogEvents',
      'PutLogEvents',
      'CreateLogStream',
      'PutLogEvents',
    ]);
  });

  it('drops only lines that CloudWatch rejects permanently', async () => {
    const { received, ship } = await openCloudWatch(({ action, body }) =>
      action === 'PutLogEvents' && body.includes('poison')
        ? { status: 400, error: 'InvalidParameterException' }
        : undefined,
    );
    const api = journal.unit('rowlock-api');
    const lines = Array.from({ length: 9 }, (_, n) => (n === 4 ? 'poison' : `line ${n}`));
    for (const line of lines) api.write(line);
    await until('journald has all', () => journal.messages('rowlock-api').length === 9);
    const unit = await ship();
    await arrive(received, ...lines.filter((line) => line !== 'poison'));
    await until('the shipper reports the rejected line', () => unit.output().includes('log_line_refused'));
  });
});
