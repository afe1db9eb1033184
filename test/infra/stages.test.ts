import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkSettings } from '../../lib/settings/check-settings.ts';
import { connectionsMax, connectionsOf, othersMax } from '../../lib/settings/database-connections.ts';
import { deploymentOptions } from '../../lib/settings/deployment-options.ts';
import { neededEndpoints } from '../../lib/settings/needed-endpoints.ts';
import { stageNames, type StageSettings } from '../../lib/settings/stage-settings.ts';
import { stageSettings } from '../../lib/settings/stages.ts';
import { synthesise, synthesisedStage } from '../support/observe/synthesised-stage.ts';
import { instanceSettingsOf } from './instance-settings-of.ts';

const minimal = stageSettings('minimal');
const production = stageSettings('production');

const options = (context: Record<string, unknown>) => deploymentOptions((name) => context[name]);
const withDomain = {
  domain: 'shop.example.com',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.com',
  edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
  regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
};

describe('the settings of a stage', function () {
  for (const name of stageNames)
    it(`are consistent in ${name}`, () => {
      expect(stageSettings(name).name).to.equal(name);
    });

  it('are rejected for a missing or mistyped stage, with the existing names', () => {
    for (const wrong of [undefined, '', 'prod', 'Minimal', 7]) {
      expect(() => stageSettings(wrong)).to.throw(
        /context stage is .*-c stage=minimal or -c stage=production/,
      );
    }
  });

  const wrong: readonly (readonly [string, StageSettings, RegExp])[] = [
    ['one zone', { ...minimal, network: { ...minimal.network, zones: 1 } }, /network\.zones/],
    ['an Intel type', { ...minimal, fleet: { ...minimal.fleet, instanceType: 't3.small' } }, /an Arm type/],
    ['one instance', { ...minimal, fleet: { ...minimal.fleet, instancesMin: 1 } }, /fleet\.instancesMin/],
    [
      'no room for a rolling update',
      { ...minimal, fleet: { ...minimal.fleet, instancesMax: 2 } },
      /fleet\.instancesMax: must exceed/,
    ],
    [
      'more connections than the class allows',
      { ...minimal, fleet: { ...minimal.fleet, databasePoolMax: 12 } },
      /the processes may open 160 connections, others 9, and t4g\.micro takes 64/,
    ],
    [
      'neither NAT nor endpoints',
      { ...minimal, network: { ...minimal.network, natGateways: 0 } },
      /without NAT the instances need the endpoints sqs, secretsmanager/,
    ],
    [
      'separate groups without a replica',
      { ...production, redis: { ...production.redis, replicas: 0 } },
      /redis\.replicas/,
    ],
    [
      'a cache without a cap beside sessions',
      { ...minimal, redis: { ...minimal.redis, cacheKeysMax: undefined } },
      /redis\.cacheKeysMax: in a shared group/,
    ],
    [
      "a cache that uses the sessions' memory",
      { ...minimal, redis: { ...minimal.redis, cacheKeysMax: 1_000_000 } },
      /redis\.cacheKeysMax: at 256 bytes each, so many keys take more than 15 % of the node/,
    ],
    [
      'no storefront key',
      { ...minimal, gateway: { ...minimal.gateway, storefrontKeys: [] } },
      /gateway\.storefrontKeys/,
    ],
    [
      'a duplicate storefront key',
      { ...minimal, gateway: { ...minimal.gateway, storefrontKeys: [2, 2] } },
      /gateway\.storefrontKeys: names one version twice/,
    ],
    ['an invalid image id', { ...minimal, imageId: 'al2023' }, /imageId: must be the id of an image/],
    [
      'a variable that its process does not read',
      { ...minimal, variables: { ...minimal.variables, worker: { RATE_LIMIT_ADDRESS: '5/1' } } },
      /variables\.worker\.RATE_LIMIT_ADDRESS: is no variable of worker/,
    ],
    [
      'a value that the app would not start with',
      { ...minimal, variables: { ...minimal.variables, worker: { IMAGE_LANES: '0' } } },
      /variables\.worker\.IMAGE_LANES: /,
    ],
    ['no backup', { ...production, database: { ...production.database, backupDays: 0 } }, /backupDays/],
    [
      'storage that shrinks',
      { ...production, database: { ...production.database, storageMaxGb: 50 } },
      /storageMaxGb/,
    ],
  ];
  for (const [title, settings, reason] of wrong)
    it(`reject ${title}`, () => {
      expect(() => checkSettings(settings)).to.throw(reason);
    });

  it('reach the process that reads them, if they are variables of the app', () => {
    const variables = {
      api: { RATE_LIMIT_ADDRESS: '2400/60' },
      worker: { IMAGE_LANES: '4' },
      'data-platform': { INBOX_RETENTION_DAYS: '40' },
    };
    const changed = synthesise({ ...minimal, variables });
    const { api, worker } = instanceSettingsOf(changed, 'Api').processes;
    expect(api?.variables).to.include(variables.api).and.to.not.have.property('IMAGE_LANES');
    expect(worker?.variables).to.include(variables.worker).and.to.not.have.property('RATE_LIMIT_ADDRESS');
    const consumer = instanceSettingsOf(changed, 'DataPlatform').processes['data-platform'];
    expect(consumer?.variables).to.include(variables['data-platform']);
  });

  it('are rejected with a variable that decides about trust, servers, secrets or reports', () => {
    const wrong: readonly StageSettings['variables'][] = [
      { ...minimal.variables, api: { COOKIE_SECURE: 'false' } },
      { ...minimal.variables, api: { STOREFRONT_KEY_ID: 'k' } },
      { ...minimal.variables, api: { TRUST_PROXY: '2' } },
      { ...minimal.variables, api: { ORIGIN_KEYS: 'k'.repeat(40) } },
      { ...minimal.variables, api: { DATABASE_URL: 'mysql://a:b@c/d' } },
      { ...minimal.variables, api: { DATABASE_POOL_MAX: '5' } },
      { ...minimal.variables, api: { ORDER_LANE_DIR: '/tmp/lane' } },
      { ...minimal.variables, worker: { AWS_ENDPOINT_URL: 'http://elsewhere' } },
      { ...minimal.variables, worker: { METRICS_EVERY_MS: '0' } },
      { ...minimal.variables, worker: { AUDIT_EVERY_MS: '0' } },
      { ...minimal.variables, 'data-platform': { READY_FILE: '/tmp/ready' } },
      { ...minimal.variables, 'data-platform': { DRAIN_TIMEOUT_MS: '120000' } },
      { ...minimal.variables, 'data-platform': { INBOX_RETENTION_DAYS: '40\n' } },
    ];
    for (const variables of wrong)
      expect(() => checkSettings({ ...minimal, variables }), JSON.stringify(variables)).to.throw(
        /variables\./,
      );
    const inherited = { toString: '1' } as unknown as StageSettings['variables']['api'];
    expect(() => checkSettings({ ...minimal, variables: { ...minimal.variables, api: inherited } })).to.throw(
      /toString: is no variable of api/,
    );
  });

  it('are rejected by the stacks for a variable that they set', () => {
    const variables = { ...minimal.variables, api: { DATABASE_POOL_MAX: '5' } };
    expect(() => synthesise({ ...minimal, variables })).to.throw('DATABASE_POOL_MAX: the stacks set it');
  });

  it('allow endpoints instead of NAT', () => {
    checkSettings({
      ...minimal,
      network: { zones: 2, natGateways: 0, interfaceEndpoints: [...neededEndpoints] },
    });
  });

  it('account for the reduced usable memory of small classes', () => {
    const database = (memoryGib: number) => connectionsOf({ ...minimal.database, memoryGib });
    // Assumed limits never exceed those reported for classes of 1, 2, 4, 8 and 16 GiB.
    const reported = [66, 150, 312, 648, 1320];
    const planned = [1, 2, 4, 8, 16].map(database);
    expect(planned).to.deep.equal([64, 128, 307, 614, 1228]);
    for (const [index, count] of planned.entries()) expect(count).to.be.at.most(reported[index] ?? 0);
  });

  it('fit every connection into the smallest class: pools, snapshots, rotation, people, RDS', () => {
    // Three instances with two processes each, and two consumers during a release.
    expect(connectionsMax(minimal)).to.equal(3 * 2 * (3 + 3 + 1) + 2 * (2 + 2 + 1));
    expect(connectionsMax(minimal) + othersMax).to.equal(52 + 9);
    expect(connectionsOf(minimal.database)).to.equal(64);
    expect(connectionsMax(production) + othersMax).to.equal(12 * 2 * 17 + 3 * 5 + 9);
  });

  it('raise an alarm at the first unplanned connection, which the class still accepts', () => {
    for (const settings of [minimal, production]) {
      const threshold = connectionsMax(settings) + othersMax;
      const alarm = synthesisedStage(settings.name)
        .ofType('AWS::CloudWatch::Alarm')
        .find(({ Properties }) => String(Properties['AlarmName']).endsWith('database-connections'));
      expect(alarm?.Properties).to.include({ Threshold: threshold, MetricName: 'DatabaseConnections' });
      expect(threshold, 'the alarm can go off').to.be.lessThan(connectionsOf(settings.database));
    }
  });

  it('count the connections of every pool of a process', () => {
    const source = readFileSync(join(import.meta.dirname, '../../app/platform/mysql/database.ts'), 'utf8');
    const pools = [...source.matchAll(/openConnectionPool\(\{ url: options\.(\w+), ([^)]*)\)/g)].map(
      ([, url, options]) => [url, /connectionsMax: (\d+)/.exec(options ?? '')?.[1] ?? 'DATABASE_POOL_MAX'],
    );
    expect(pools).to.deep.equal([
      ['writerUrl', 'DATABASE_POOL_MAX'],
      ['writerUrl', 'DATABASE_POOL_MAX'],
      ['writerUrl', '1'],
      ['replicaUrl', 'DATABASE_POOL_MAX'],
    ]);
  });

  it('give production a standby, a replica, separate Redis roles and web ACLs', () => {
    expect(production.database).to.include({ multiAz: true, hasReplica: true });
    expect(production.redis).to.include({ groups: 'separate', replicas: 1 });
    expect(production.network.natGateways).to.equal(2);
    expect(production.gateway.hasWebAcl).to.equal(true);
    expect(production.edge.hasWebAcl).to.equal(true);
    expect(production.logDays).to.be.greaterThan(minimal.logDays);
  });
});

describe('the options of a deployment', () => {
  it('are all optional', () => {
    expect(options({})).to.deep.equal({ disposable: false, front: 'ingress', quietHourUtc: 17 });
  });

  it('parse zones as a list', () => {
    expect(options({ zones: 'us-east-1a,us-east-1c' }).zones).to.deep.equal(['us-east-1a', 'us-east-1c']);
  });

  it('accept a domain with its zone and both certificates', () => {
    expect(options(withDomain)).to.include(withDomain);
  });

  for (const [title, context, reason] of [
    ['a domain alone', { domain: 'shop.example.com' }, /belong together: check hostedZoneId, hostedZoneName/],
    ['a zone without a domain', { hostedZoneId: 'Z0123' }, /belong together/],
    ['a domain outside its zone', { ...withDomain, hostedZoneName: 'example.org' }, /not in this zone/],
    [
      "the distribution's certificate in another region",
      { ...withDomain, edgeCertificateArn: withDomain.regionalCertificateArn },
      /edgeCertificateArn: must be an ARN of acm in us-east-1/,
    ],
    ['a zone id instead of its name', { zones: 'use1-az1,use1-az2' }, /zones: must be names of zones/],
    ['a duplicate zone', { zones: 'us-east-1a,us-east-1a' }, /zones: names one zone twice/],
    ['zones of two regions', { zones: 'us-east-1a,us-west-2a' }, /more than one region/],
    ['an e-mail address without a host', { alarmEmail: 'me' }, /alarmEmail/],
    ['an unknown way to hash', { passwordHashing: 'md5' }, /passwordHashing: must be argon2id/],
    ['a cost of hashes that no process accepts', { passwordHashing: 'scrypt:99' }, /scrypt:12\.\.20/],
    ['an unknown format of events', { eventsFormat: '3' }, /eventsFormat: must be 1 or 2/],
    ['hour 24', { quietHourUtc: '24' }, /quietHourUtc: must be an hour from 0 to 23/],
    ['disposable=yes', { disposable: 'yes' }, /disposable/],
  ] as const)
    it(`reject ${title}`, () => {
      expect(() => options(context)).to.throw(reason);
    });

  for (const [entry, context] of [
    ['bin/rowlock.ts', { stage: 'minimal', 'aws:cdk:version-reporting': true, alarmMail: 'you@example.com' }],
    ['bin/delivery.ts', { stage: 'minimal', repository: 'o/n', alarmMail: 'arn:aws:iam::1:oidc-provider/a' }],
  ] as const)
    it(`fail the synthesis of ${entry} when one is unknown`, () => {
      const { status, stderr } = spawnSync(process.execPath, [entry], {
        cwd: join(import.meta.dirname, '../..'),
        encoding: 'utf8',
        env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) },
      });
      expect(stderr).to.match(/unknown options \(-c name=value\): alarmMail\. Known: stage, /);
      expect(status).to.equal(1);
    });
});
