import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { bundlePackages } from '../../scripts/bundle/bundle-packages.ts';
import { stageBundle } from '../../scripts/bundle/stage-bundle.ts';
import { type AwsAnswer, type AwsCall, awsCalls } from '../support/servers/aws-calls.ts';
import { onCleanup } from '../support/cleanup.ts';
import { runUnit } from './run-unit.ts';
import { until } from '../support/until.ts';

const top = join(import.meta.dirname, '../..');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';

const settings = {
  region: 'ap-northeast-2',
  stackName: 'Rowlock-minimal-Service',
  groupLogicalId: 'ApiGroup',
  groupName: 'rowlock-minimal-api',
  terminateHook: 'drain',
  targetGroupArn: 'arn:targets',
  logGroup: '/rowlock/minimal/api',
  processes: {},
};

// The programs of an instance besides the app, run from the bundle by their units, with stand-ins for AWS's
// control plane and the metadata service.
describe('beside the app', function () {
  let work: string;
  let bundle: string;

  before(async () => {
    work = mkdtempSync(join(tmpdir(), 'rowlock-programs-'));
    onCleanup(() => rmSync(work, { recursive: true, force: true }));
    bundle = join(work, 'bundle');
    await stageBundle({ top, directory: bundle, arch, packages: bundlePackages(top, arch), linksNode: true });
  });

  /** An environment with these commands instead of the system's. */
  const machine = async (
    answer: (call: AwsCall) => AwsAnswer,
    options: {
      lifecycleState?: () => string;
      commands?: Readonly<Record<string, string>>;
      settings?: object;
    } = {},
  ) => {
    const { url, calls } = await awsCalls(answer, {
      'instance-id': () => 'i-0123456789',
      'autoscaling/target-lifecycle-state': options.lifecycleState ?? (() => 'InService'),
    });
    const home = mkdtempSync(join(work, 'machine-'));
    for (const [name, script] of Object.entries(options.commands ?? {})) {
      writeFileSync(join(home, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(home, name), 0o755);
    }
    const file = join(home, 'settings.json');
    writeFileSync(file, JSON.stringify({ ...settings, ...options.settings }));
    const env = {
      PATH: `${home}:/usr/bin:/bin`,
      HOME: home,
      ROWLOCK_SETTINGS: file,
      ROWLOCK_POLL_MS: '20',
      STATE_DIRECTORY: home,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: url,
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    return { env, calls, home };
  };

  const health = (state: string): AwsAnswer => ({
    xml: `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member>
      <TargetHealth><State>${state}</State></TargetHealth></member></TargetHealthDescriptions>
      </DescribeTargetHealthResult></DescribeTargetHealthResponse>`,
  });
  const done = (action: string): AwsAnswer => ({
    xml: `<${action}Response><${action}Result/></${action}Response>`,
  });

  it('an instance reports success once the balancer calls it healthy, and not before', async () => {
    let looks = 0;
    const { env, calls } = await machine(({ action }) => {
      if (action !== 'DescribeTargetHealth') return done(action);
      looks += 1;
      return health(looks < 4 ? 'initial' : 'healthy');
    });
    const unit = await runUnit(bundle, 'ready', env);
    expect(await unit.ended, unit.output().slice(0, 2000)).to.equal(0);
    expect(calls.map(({ action }) => action)).to.deep.equal([
      ...Array.from({ length: 4 }, () => 'DescribeTargetHealth'),
      'SignalResource',
    ]);
    expect(calls.at(-1)?.input).to.include({
      StackName: settings.stackName,
      LogicalResourceId: settings.groupLogicalId,
      UniqueId: 'i-0123456789',
      Status: 'SUCCESS',
    });
  });

  it('an instance without a waiting release does not report a failure', async () => {
    const { env } = await machine(({ action }) =>
      action === 'DescribeTargetHealth' ? health('healthy') : { status: 400, error: 'ValidationError' },
    );
    const unit = await runUnit(bundle, 'ready', env);
    expect(await unit.ended, unit.output().slice(0, 2000)).to.equal(0);
    expect(unit.output()).to.contain('start_not_awaited');
  });

  it('an instance without a target reports success once its consumer works and keeps running', async () => {
    const readyFile = join(mkdtempSync(join(work, 'run-')), 'ready');
    const { env, calls } = await machine(({ action }) => done(action), {
      settings: { targetGroupArn: undefined, readyFile },
    });
    const unit = await runUnit(bundle, 'ready', { ...env, ROWLOCK_POLL_MS: '200' });
    // Repeatedly consumes and exits, for twice as long as five checks take.
    let starts = 0;
    const looping = setInterval(() => {
      starts += 1;
      rmSync(readyFile, { force: true });
      writeFileSync(readyFile, '');
    }, 50);
    await until('the consumer has started 40 times', () => starts >= 40, { intervalMs: 5 });
    clearInterval(looping);
    expect(calls, unit.output()).to.deep.equal([]);
    writeFileSync(readyFile, '');
    expect(await unit.ended, unit.output().slice(0, 2000)).to.equal(0);
    expect(calls.map(({ input }) => input['Status'])).to.deep.equal(['SUCCESS']);
  });

  it('a consumer that never consumes fails the wait, and its unit rolls back', async () => {
    const { env, calls } = await machine(({ action }) => done(action), {
      settings: { targetGroupArn: undefined, readyFile: join(work, 'never') },
    });
    const unit = await runUnit(bundle, 'ready', { ...env, ROWLOCK_WAIT_MAX_MS: '300' });
    expect(await unit.ended).to.equal(1);
    expect(unit.output()).to.contain('did not stay in place');
    expect(calls).to.deep.equal([]);
  });

  it('a failed start tells CloudFormation to roll back', async () => {
    const { env, calls } = await machine(({ action }) => done(action));
    const unit = await runUnit(bundle, 'failed', env);
    expect(await unit.ended, unit.output().slice(0, 2000)).to.equal(0);
    expect(calls.map(({ input }) => input['Status'])).to.deep.equal(['FAILURE']);
  });

  it('a terminating instance stops API, relay and log in this order, then completes its hook', async () => {
    let state = 'InService';
    const order = join(work, 'stopped');
    const { env, calls } = await machine(({ action }) => done(action), {
      lifecycleState: () => state,
      commands: { systemctl: `echo "$@" >>${order}` },
    });
    const unit = await runUnit(bundle, 'drain', env);
    expect(existsSync(order), 'nothing is stopped while the instance is in service').to.equal(false);
    state = 'Terminated';
    expect(await unit.ended, unit.output().slice(0, 2000)).to.equal(0);
    expect(readFileSync(order, 'utf8').trim().split('\n')).to.deep.equal(
      ['api', 'worker', 'data-platform', 'logs'].map((name) => `stop rowlock-${name}.service`),
    );
    expect(calls).to.have.lengthOf(1);
    expect(calls[0]?.input).to.include({
      Action: 'CompleteLifecycleAction',
      AutoScalingGroupName: settings.groupName,
      LifecycleHookName: settings.terminateHook,
      InstanceId: 'i-0123456789',
      LifecycleActionResult: 'CONTINUE',
    });
  });
});
