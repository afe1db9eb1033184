import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseConfig, variableNames } from '../../app/config/read-config.ts';
import { deadlines } from '../../lib/settings/deadlines.ts';
import type { ProcessName } from '../../lib/instance/instance-settings.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { instanceSettingsOf, resolved, userDataOf } from './instance-settings-of.ts';
import {
  type Resource,
  synthesise,
  synthesisedStage,
  type SynthesisedStage,
} from '../support/observe/synthesised-stage.ts';
import { unitFile } from './unit-file.ts';

const top = join(import.meta.dirname, '../..');
const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;

interface Statement {
  readonly Sid?: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

for (const name of stageNames)
  describe(`the service of ${name}`, function () {
    let stage: SynthesisedStage;
    before(() => {
      stage = synthesisedStage(name);
    });

    it('launches Arm instances with IMDSv2 and encrypted volumes', () => {
      const templates = stage.ofType('AWS::EC2::LaunchTemplate');
      expect(templates).to.have.lengthOf(2);
      for (const { Properties } of templates) {
        const data = Properties['LaunchTemplateData'];
        expect(data['MetadataOptions']).to.include({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
        expect(data['BlockDeviceMappings'][0]['Ebs']).to.include({ Encrypted: true });
        expect(data['InstanceType']).to.match(/^[a-z]+[0-9]+g[a-z]*\./);
        expect(data['ImageId'], 'looked up at each launch').to.match(/^resolve:ssm:.*al2023.*-arm64$/);
        expect(data, 'no SSH').to.not.have.property('KeyName');
      }
    });

    it('replaces a quarter of a fleet at a time, each instance after its signal', () => {
      for (const { UpdatePolicy, CreationPolicy, Properties } of groups()) {
        const rolling = UpdatePolicy?.['AutoScalingRollingUpdate'];
        expect(rolling).to.include({
          MaxBatchSize: Math.max(1, Math.floor(Number(Properties['MaxSize']) / 4)),
          WaitOnResourceSignals: true,
          MinSuccessfulInstancesPercent: 100,
        });
        expect(rolling.MinInstancesInService).to.be.lessThan(Number(Properties['MaxSize']));
        expect(CreationPolicy?.['ResourceSignal'].Count).to.equal(Number(Properties['MinSize']));
      }
      expect(api().Properties).to.include({ HealthCheckType: 'ELB' });
    });

    it('launches before it terminates, within the maximum size of the group', () => {
      for (const { Properties } of groups()) {
        const { MinHealthyPercentage, MaxHealthyPercentage } = Properties['InstanceMaintenancePolicy'];
        const [min, max] = [Number(Properties['MinSize']), Number(Properties['MaxSize'])];
        expect(MinHealthyPercentage).to.equal(100);
        expect(MaxHealthyPercentage, 'room for one')
          .to.be.at.least(100 + 100 / max)
          .and.at.most(200);
        expect((min * MaxHealthyPercentage) / 100).to.be.at.most(max);
        expect(Properties['DefaultInstanceWarmup']).to.equal(deadlines.instanceWarmupS);
      }
    });

    it('uses one-minute metrics only for the instances that it scales', () => {
      const monitored = (fleet: string) =>
        stage.one('AWS::EC2::LaunchTemplate', fleet).Properties['LaunchTemplateData']['Monitoring'];
      expect(monitored('ApiTemplate')).to.deep.equal({ Enabled: true });
      expect(monitored('DataPlatformTemplate')).to.deep.equal({ Enabled: false });
    });

    it('can be pinned to one image', () => {
      const held = synthesise({ ...stage.settings, imageId: 'ami-0123456789abcdef0' });
      for (const { Properties } of held.ofType('AWS::EC2::LaunchTemplate')) {
        expect(Properties['LaunchTemplateData']['ImageId']).to.equal('ami-0123456789abcdef0');
      }
    });

    it('migrates once per release, before any instance changes, under a separate identity', () => {
      const resource = stage.one('Custom::DatabaseMigrations');
      for (const { DependsOn } of groups()) expect(DependsOn).to.include(resource.logicalId);
      const runner = stage.one('AWS::Lambda::Function', 'MigrationsRunner');
      const { Variables } = runner.Properties['Environment'];
      // Another set of migrations changes both properties, so that CloudFormation calls the new code.
      expect(resource.Properties['Release']).to.equal(Variables['MIGRATIONS_RELEASE']);
      expect(Number(runner.Properties['Timeout'])).to.be.lessThan(
        Number(resource.Properties['ServiceTimeout']),
      );
      expect(resolved(Variables['DATABASE_URL_TEMPLATE'])).to.contain('verifyIdentity');
      // Only these two functions may read the secret of the user who changes the schema.
      const readers = stage
        .ofType('AWS::IAM::Policy')
        .filter(({ Properties }) => /Secretmigrator/i.test(JSON.stringify(Properties['PolicyDocument'])))
        .flatMap(({ Properties }) => (Properties['Roles'] as { Ref: string }[]).map(({ Ref }) => Ref));
      expect(readers.map((role) => role.replace(/Role[0-9A-F]{8}$/, '')).toSorted()).to.deep.equal([
        'AccountsMaker',
        'MigrationsRunner',
      ]);
    });

    it('scales on CPU and on requests per target', () => {
      const tracked = stage
        .ofType('AWS::AutoScaling::ScalingPolicy')
        .map(({ Properties }) => Properties['TargetTrackingConfiguration']);
      const { fleet } = stage.settings;
      expect(tracked.map(({ TargetValue }) => TargetValue)).to.have.members([
        fleet.cpuTargetPercent,
        fleet.requestsPerTargetPerMinute,
      ]);
    });

    it('removes an instance in order: balancer, drain of the app, stop of the unit, hook', () => {
      for (const { Properties } of stage.ofType('AWS::AutoScaling::LifecycleHook')) {
        expect(Properties).to.include({
          HeartbeatTimeout: deadlines.terminateHookS,
          LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
        });
      }
      const attributes = stage.one('AWS::ElasticLoadBalancingV2::TargetGroup').Properties[
        'TargetGroupAttributes'
      ] as { Key: string; Value: string }[];
      expect(attributes).to.deep.include({
        Key: 'deregistration_delay.timeout_seconds',
        Value: `${deadlines.deregistrationS}`,
      });
      const variables = instanceSettingsOf(stage, 'Api').processes.api?.variables;
      expect(variables?.DRAIN_TIMEOUT_MS).to.equal(`${deadlines.drainTimeoutMs}`);
    });

    it('gives every process its complete configuration', () => {
      const processes: Partial<Record<ProcessName, Record<string, string>>> = {};
      for (const fleet of ['Api', 'DataPlatform'] as const) {
        for (const [process, own] of Object.entries(instanceSettingsOf(stage, fleet).processes)) {
          const secrets = Object.entries(own.secretVariables).map(([variable, { template }]) => [
            variable,
            template.replaceAll(/\{\w*\}/g, 'x'),
          ]);
          processes[process as ProcessName] = { ...own.variables, ...Object.fromEntries(secrets) };
        }
      }
      expect(Object.keys(processes)).to.have.members(['api', 'worker', 'data-platform']);
      for (const process of ['api', 'worker', 'data-platform'] as const) {
        const variables = { ...processes[process] };
        // CloudFormation generates this name, which is still a token here.
        if (variables['IMAGES_BUCKET'] !== undefined) variables['IMAGES_BUCKET'] = 'images';
        expect(variables['ORDER_EVENTS_QUEUE_URL']).to.match(/OrderEvents/i);
        variables['ORDER_EVENTS_QUEUE_URL'] = 'https://sqs.ap-northeast-2.amazonaws.com/1/OrderCompleted';
        const { shared, shop, api } = parseConfig(variables, [process]);
        expect(shared.STAGE).to.equal(name);
        if (api !== undefined) {
          expect(api.COOKIE_SECURE).to.equal(true);
          // Without this key id, the app would treat CloudFront's addresses as those of its visitors.
          expect(api.STOREFRONT_KEY_ID?.join()).to.match(/^[^,]*keystorefront[^,]*$/i);
          expect(api.TRUST_PROXY).to.equal(0);
          // A cache that shares its node with sessions and carts, which are never evicted, needs a cap.
          const { groups, cacheKeysMax } = stage.settings.redis;
          expect(api.CACHE_KEYS_MAX !== undefined, 'cap of the cache').to.equal(groups === 'shared');
          expect(api.CACHE_KEYS_MAX).to.equal(cacheKeysMax);
        }
        if (shop !== undefined) {
          expect(shop.DATABASE_REPLICA_URL !== undefined, 'replica').to.equal(
            stage.settings.database.hasReplica,
          );
        }
        expect(variableNames([process]), 'settings of no other role').to.include.members(
          Object.keys(variables),
        );
      }
    });

    it('reaches MySQL over TLS with a verified name, and Redis over TLS', () => {
      const { processes } = instanceSettingsOf(stage, 'Api');
      const url = URL.parse(
        processes.api?.secretVariables.DATABASE_URL?.template.replaceAll(/[{}]/g, '') ?? '',
      );
      expect(JSON.parse(url?.searchParams.get('ssl') ?? '')).to.deep.equal({
        verifyIdentity: true,
        minVersion: 'TLSv1.2',
      });
      const { REDIS_STATE_URL, REDIS_CACHE_URL } = processes.api?.secretVariables ?? {};
      for (const redis of [REDIS_STATE_URL, REDIS_CACHE_URL]) expect(redis?.template).to.match(/^rediss:/);
      expect(REDIS_STATE_URL?.template).to.not.equal(REDIS_CACHE_URL?.template);
    });

    it('writes no secret into user data, only ARNs', () => {
      for (const fleet of ['Api', 'DataPlatform'] as const) {
        const text = userDataOf(stage, fleet);
        expect(text.length, 'EC2 takes 16 KB').to.be.lessThan(12_000);
        expect(text).to.not.match(/resolve:|SecretString|BEGIN/);
        for (const own of Object.values(instanceSettingsOf(stage, fleet).processes)) {
          for (const { secretArn, template } of Object.values(own.secretVariables)) {
            expect(template).to.match(/:\{\}@|\{username\}:\{password\}@/);
            expect(secretArn).to.not.equal('');
          }
        }
      }
    });

    it('leaves the format of events to the app, or sets it for those that send them', () => {
      const formatsOf = (one: SynthesisedStage, fleet: 'Api' | 'DataPlatform') =>
        Object.values(instanceSettingsOf(one, fleet).processes).map((own) => own.variables['EVENTS_FORMAT']);
      expect(formatsOf(stage, 'Api')).to.deep.equal([undefined, undefined]);
      const upgraded = synthesisedStage(name, { eventsFormat: '1' });
      expect(formatsOf(upgraded, 'Api')).to.deep.equal(['1', '1']);
      expect(formatsOf(upgraded, 'DataPlatform')).to.deep.equal([undefined]);
    });

    it('leaves the cost of passwords to the app, or sets it for the API', () => {
      const costsOf = (one: SynthesisedStage) =>
        Object.values(instanceSettingsOf(one, 'Api').processes).map(
          (own) => own.variables['PASSWORD_HASHING'],
        );
      expect(costsOf(stage)).to.deep.equal([undefined, undefined]);
      const upgraded = synthesisedStage(name, { passwordHashing: 'scrypt:17' });
      expect(costsOf(upgraded)).to.deep.equal(['scrypt:17', undefined]);
    });

    it('gives each role minimal rights: one queue, one secret per user, no unexplained wildcard', () => {
      const statements = (fleet: string) =>
        stage.one('AWS::IAM::Policy', `${fleet}RoleDefaultPolicy`).Properties['PolicyDocument'][
          'Statement'
        ] as Statement[];
      const actions = (fleet: string) => new Set(statements(fleet).flatMap(({ Action }) => Action));
      expect(actions('Api')).to.include('sqs:SendMessage');
      const receiving = statements('Api').filter(({ Action }) => Action.includes('sqs:ReceiveMessage'));
      expect(
        receiving.map(({ Sid }) => Sid),
        'the API receives dead letters only',
      ).to.deep.equal(['DeadLetters']);
      expect(actions('DataPlatform')).to.include('sqs:ReceiveMessage');
      const sending = statements('DataPlatform').filter(({ Action }) => Action.includes('sqs:SendMessage'));
      expect(
        sending.map(({ Sid }) => Sid),
        'the data platform sends dead letters only',
      ).to.deep.equal(['SetAside']);
      expect([...actions('DataPlatform')].join()).to.not.match(/s3:(Put|Delete|List)/);
      const objects = statements('Api').filter(({ Sid }) => Sid?.startsWith('Image'));
      expect(
        objects.map(({ Action, Resource }) => [
          /(uploads|images)\/\*/.exec(JSON.stringify(Resource))?.[1],
          [Action].flat().toSorted().join(),
        ]),
      ).to.deep.equal([
        ['uploads', 's3:DeleteObject,s3:GetObject,s3:PutObject'],
        ['images', 's3:DeleteObject,s3:PutObject'],
        [undefined, 's3:ListBucket'],
      ]);
      const secrets = (fleet: string) =>
        JSON.stringify(statements(fleet)).match(/AccountsSecret[a-z]+|RedisStateToken|RedisCacheToken/g);
      expect(new Set(secrets('DataPlatform'))).to.deep.equal(new Set(['AccountsSecretstatistics']));
      expect(new Set(secrets('Api')?.filter((secret) => secret.startsWith('Accounts')))).to.deep.equal(
        new Set(['AccountsSecretapp']),
      );
      for (const fleet of ['Api', 'DataPlatform']) {
        const own = statements(fleet).flatMap(({ Action, Resource }) =>
          [Action].flat().map((action) => `${action} ${JSON.stringify(Resource)}`),
        );
        expect(own, 'each right once').to.deep.equal([...new Set(own)]);
        for (const { Sid, Action, Resource } of statements(fleet)) {
          expect([Action].flat().join(), Sid).to.not.match(/\*/);
          if (Resource === '*') expect(Action).to.equal('elasticloadbalancing:DescribeTargetHealth');
        }
      }
    });

    it(
      `has user data that passes shellcheck${hasShellcheck ? '' : ' (needs shellcheck)'}`,
      hasShellcheck
        ? () => {
            for (const fleet of ['Api', 'DataPlatform'] as const) {
              const { stdout, status } = spawnSync('shellcheck', ['-'], {
                input: userDataOf(stage, fleet),
                encoding: 'utf8',
              });
              expect(stdout).to.equal('');
              expect(status).to.equal(0);
            }
          }
        : undefined,
    );

    const groups = (): Resource[] => stage.ofType('AWS::AutoScaling::AutoScalingGroup');
    const api = () => stage.one('AWS::AutoScaling::AutoScalingGroup', 'Api');
  });

describe('the deadlines', () => {
  /** Reads a constant that a file of the app does not export. */
  const constant = (file: string, name: string): number => {
    const text = readFileSync(join(top, file), 'utf8');
    const digits = new RegExp(`const ${name} = ([0-9_]+);`).exec(text)?.[1];
    if (digits === undefined) throw new Error(`${file} has no constant ${name}`);
    return Number(digits.replaceAll('_', ''));
  };

  it("are nested: lock < group < request < gateway < balancer's idle time < app's keep-alive", () => {
    const pool = readFileSync(join(top, 'app/platform/mysql/connection-pool.ts'), 'utf8');
    const lockWaitMs = Number(/innodb_lock_wait_timeout = (\d+)/.exec(pool)?.[1]) * 1000;
    const chain = [
      lockWaitMs,
      constant('app/platform/mysql/transaction.ts', 'TRANSACTION_BUDGET_MS'),
      constant('app/http/server/request-lifecycle.ts', 'REQUEST_DEADLINE_MS'),
      deadlines.gatewayTimeoutMs,
      deadlines.balancerIdleS * 1000,
      constant('app/http/server/listen.ts', 'KEEP_ALIVE_TIMEOUT_MS'),
    ];
    expect(chain).to.deep.equal([1000, 5000, 8000, 29_000, 60_000, 75_000]);
    expect(chain.toSorted((a, b) => a - b)).to.deep.equal(chain);
  });

  it('of shutdown are nested: request < deregistration; drain < stop of the unit < hook', () => {
    const requestMs = constant('app/http/server/request-lifecycle.ts', 'REQUEST_DEADLINE_MS');
    const exitGraceMs = constant('app/main.ts', 'EXIT_GRACE_MS');
    expect(requestMs).to.be.lessThan(deadlines.deregistrationS * 1000);
    expect(deadlines.drainTimeoutMs + exitGraceMs).to.be.lessThan(deadlines.stopTimeoutS * 1000);
    for (const process of ['api', 'worker', 'data-platform']) {
      const unit = unitFile(join(top, `lib/instance/units/rowlock-${process}.service`));
      expect(Number(unit.one('TimeoutStopSec')), process).to.equal(deadlines.stopTimeoutS);
    }
    // API, worker and log shipper stop one after another.
    const logs = unitFile(join(top, 'lib/instance/units/rowlock-logs.service'));
    const stopS = 2 * deadlines.stopTimeoutS + Number(logs.one('TimeoutStopSec'));
    expect(stopS).to.be.lessThan(deadlines.terminateHookS);
  });
});
