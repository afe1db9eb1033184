import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { expect } from 'chai';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { synthesise, synthesisedStage, type SynthesisedStage } from '../support/observe/synthesised-stage.ts';

const readmes = ['README.md', 'README.ko.md'].map((file) =>
  readFileSync(join(import.meta.dirname, '../..', file), 'utf8'),
);

const deployGuide = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');

/** Properties that a copy has from its source, from its tags or by default, or that concern deletion only. */
const comesWithTheCopy = new Set([
  'AllocatedStorage',
  'DBName',
  'DeleteAutomatedBackups',
  'Engine',
  'EngineVersion',
  'MasterUserPassword',
  'MasterUsername',
  // Seven days, the default.
  'PerformanceInsightsRetentionPeriod',
  'StorageEncrypted',
]);
const optionNames: Readonly<Record<string, string>> = {
  DBInstanceIdentifier: 'target-db-instance-identifier',
  VPCSecurityGroups: 'vpc-security-group-ids',
  CACertificateIdentifier: 'ca-certificate-identifier',
  PubliclyAccessible: 'no-publicly-accessible',
  MultiAZ: 'multi-az',
};

/** The option of the AWS CLI for a property of the template. */
function restoreOption(property: string): string {
  const words = property.replace(/^DB/, 'Db').replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`);
  return optionNames[property] ?? words.toLowerCase();
}

for (const name of stageNames)
  describe(`the data of ${name}`, function () {
    let stage: SynthesisedStage;
    before(() => {
      stage = synthesisedStage(name);
    });

    const writer = () => stage.one('AWS::RDS::DBInstance', 'DatabaseInstance').Properties;

    it('is a database that is encrypted, private, backed up and kept', () => {
      const { database } = stage.settings;
      expect(writer()).to.include({
        StorageEncrypted: true,
        PubliclyAccessible: false,
        DeletionProtection: true,
        MultiAZ: database.multiAz,
        BackupRetentionPeriod: database.backupDays,
        CopyTagsToSnapshot: true,
        DeleteAutomatedBackups: false,
        DBInstanceClass: `db.${database.instanceType}`,
        StorageType: 'gp3',
      });
      expect(stage.one('AWS::RDS::DBInstance', 'DatabaseInstance').DeletionPolicy).to.equal(
        'RetainExceptOnCreate',
      );
    });

    it('is restored with every setting that the template gives it', () => {
      const commands = /## Restoring the database[\s\S]*?```sh\n([\s\S]*?)```/.exec(deployGuide)?.[1] ?? '';
      const named = new Set([...commands.matchAll(/--([a-z-]+)/g)].map(([, option]) => option));
      const missing = Object.keys(writer()).filter(
        (property) => !comesWithTheCopy.has(property) && !named.has(restoreOption(property)),
      );
      expect(missing).to.deep.equal([]);
    });

    it('outlives its stack, with users, sessions and events in progress', () => {
      const kept = [
        ...stage.ofType('AWS::RDS::DBInstance').filter(({ logicalId }) => !/Replica/.test(logicalId)),
        ...stage.ofType('AWS::SQS::Queue'),
        ...stage
          .ofType('AWS::S3::Bucket')
          .filter(({ logicalId, stack }) => stack === 'Storage' && !logicalId.startsWith('Logs')),
        ...stage.ofType('AWS::SecretsManager::Secret').filter(({ stack }) => stack === 'Data'),
      ];
      expect(kept).to.have.length.of.at.least(10);
      for (const { logicalId, DeletionPolicy } of kept)
        expect(DeletionPolicy, logicalId).to.equal('RetainExceptOnCreate');
      expect(stage.one('AWS::ElastiCache::ReplicationGroup', 'RedisState').DeletionPolicy).to.equal(
        'Snapshot',
      );
      const { storage, messaging, network, data, edge, service, observability } = stage.stacks;
      for (const lasting of [storage, messaging, network, data])
        expect(lasting.terminationProtection, lasting.stackName).to.equal(true);
      for (const released of [edge, service, observability])
        expect(released.terminationProtection, released.stackName).to.equal(false);
    });

    it('is deleted with its stacks if the deployment is disposable', () => {
      const gone = synthesisedStage(name, { disposable: 'true' });
      for (const type of [
        'AWS::RDS::DBInstance',
        'AWS::SQS::Queue',
        'AWS::S3::Bucket',
        'AWS::SecretsManager::Secret',
      ])
        for (const { logicalId, DeletionPolicy } of gone.ofType(type))
          expect(DeletionPolicy ?? 'Delete', logicalId).to.equal('Delete');
      expect(gone.one('AWS::ElastiCache::ReplicationGroup', 'RedisState').DeletionPolicy).to.equal(undefined);
      const images = gone.one('AWS::S3::Bucket', 'Images').Properties;
      expect(images['VersioningConfiguration'], 'so that aws s3 rm empties it').to.equal(undefined);
      for (const stack of Object.values(gone.stacks)) {
        if (stack instanceof Stack) expect(stack.terminationProtection, stack.stackName).to.equal(false);
      }
    });

    it("is backed up and maintained at night in the shop's time zone", () => {
      const windows = (context: Record<string, string>) => {
        const { ofType, one } = synthesisedStage(name, context);
        const database = one('AWS::RDS::DBInstance', 'DatabaseInstance').Properties;
        return {
          database: [database['PreferredBackupWindow'], database['PreferredMaintenanceWindow']],
          replica: ofType('AWS::RDS::DBInstance')
            .filter(({ logicalId }) => /Replica/.test(logicalId))
            .map(({ Properties }) => Properties['PreferredMaintenanceWindow'] as string),
          redis: ofType('AWS::ElastiCache::ReplicationGroup').map(
            ({ Properties }) => Properties['PreferredMaintenanceWindow'] as string,
          ),
          snapshots: ofType('AWS::ElastiCache::ReplicationGroup').flatMap(
            ({ Properties }) => (Properties['SnapshotWindow'] as string | undefined) ?? [],
          ),
        };
      };
      // 02:00 on Monday in Seoul is 17:00 UTC on Sunday.
      expect(windows({}).database).to.deep.equal(['17:00-17:30', 'sun:18:00-sun:18:30']);
      const { hasReplica } = stage.settings.database;
      expect(windows({}).replica).to.deep.equal(hasReplica ? ['sun:18:30-sun:19:00'] : []);
      const isShared = stage.settings.redis.groups === 'shared';
      expect(windows({}).redis).to.deep.equal(
        isShared ? ['sun:19:00-sun:20:00'] : ['sun:19:00-sun:20:00', 'sun:20:00-sun:21:00'],
      );
      expect(windows({}).snapshots, 'of sessions and carts alone').to.deep.equal(['17:00-18:00']);
      expect(windows({ quietHourUtc: '22' }).database).to.deep.equal(['22:00-22:30', 'sun:23:00-sun:23:30']);
      expect(windows({ quietHourUtc: '22' }).redis[0]).to.equal('mon:00:00-mon:01:00');
    });

    it('flushes every commit to disk, logs rows, and accepts only TLS', () => {
      const groups = stage.ofType('AWS::RDS::DBParameterGroup');
      expect(groups).to.have.lengthOf(stage.settings.database.hasReplica ? 2 : 1);
      for (const { Properties } of groups) {
        expect(Properties['Parameters']).to.include({
          innodb_flush_log_at_trx_commit: '1',
          sync_binlog: '1',
          binlog_format: 'ROW',
          transaction_isolation: 'READ-COMMITTED',
          require_secure_transport: '1',
          innodb_print_all_deadlocks: '1',
        });
      }
    });

    it('has a replica if the stage asks for one, encrypted like its source', () => {
      const replicas = stage
        .ofType('AWS::RDS::DBInstance')
        .filter(({ logicalId }) => /Replica/.test(logicalId));
      expect(replicas).to.have.lengthOf(stage.settings.database.hasReplica ? 1 : 0);
      for (const { Properties } of replicas) {
        expect(Properties).to.not.have.property('StorageEncrypted');
        expect(Properties).to.have.property('SourceDBInstanceIdentifier');
      }
    });

    it('rotates the passwords of its administrator and, alternating, of its three users', () => {
      const schedules = stage.ofType('AWS::SecretsManager::RotationSchedule');
      expect(schedules).to.have.lengthOf(4);
      for (const { Properties } of schedules) {
        expect(Properties['RotationRules']).to.deep.equal({ ScheduleExpression: 'rate(30 days)' });
      }
      // A schedule rotates immediately, with the user's own password and the administrator's, so users are
      // created first and secrets rotate one after another.
      const after = schedules.map(({ DependsOn }) => [DependsOn].flat().map(String));
      expect(after[0]).to.include(stage.one('Custom::DatabaseAccounts').logicalId);
      for (const [index, names] of after.slice(1).entries()) {
        expect(names).to.include(schedules[index]?.logicalId);
      }
      const functions = stage.ofType('AWS::Serverless::Application');
      // In the template only alternating rotation uses the administrator, who creates the second user.
      const alternating = functions.filter(({ Properties }) => 'masterSecretArn' in Properties['Parameters']);
      expect(functions).to.have.lengthOf(4);
      expect(alternating).to.have.lengthOf(3);
    });

    it('is Redis with TLS and a token, and state is never evicted', () => {
      const groups = stage.ofType('AWS::ElastiCache::ReplicationGroup');
      const { redis } = stage.settings;
      expect(groups).to.have.lengthOf(redis.groups === 'separate' ? 2 : 1);
      for (const { Properties } of groups) {
        expect(Properties).to.include({
          TransitEncryptionEnabled: true,
          TransitEncryptionMode: 'required',
          AtRestEncryptionEnabled: true,
          AutomaticFailoverEnabled: redis.replicas > 0,
          MultiAZEnabled: redis.replicas > 0,
        });
        expect(JSON.stringify(Properties['AuthToken'])).to.match(/resolve:secretsmanager:/);
      }
      const policies = stage
        .ofType('AWS::ElastiCache::ParameterGroup')
        .map(({ logicalId, Properties }) => [
          logicalId.slice(0, 10),
          Properties['Properties']['maxmemory-policy'],
        ]);
      // Sessions and carts all have an expiry, so every other policy, including volatile-*, would evict them.
      expect(policies).to.deep.include(['RedisState', 'noeviction']);
      if (redis.groups === 'separate') expect(policies).to.deep.include(['RedisCache', 'allkeys-lru']);
    });

    it('can be Valkey instead of Redis, with no other change', () => {
      const changed = synthesise({ ...stage.settings, redis: { ...stage.settings.redis, engine: 'valkey' } });
      const [redis, valkey] = [stage, changed].map(({ ofType }) =>
        ofType('AWS::ElastiCache::ReplicationGroup').map(({ Properties }) => Properties),
      );
      for (const { Engine, EngineVersion } of redis ?? [])
        expect([Engine, EngineVersion]).to.deep.equal(['redis', '7.1']);
      expect(valkey).to.deep.equal(redis?.map((own) => ({ ...own, Engine: 'valkey', EngineVersion: '8.1' })));
      for (const { Properties } of changed.ofType('AWS::ElastiCache::ParameterGroup')) {
        expect(Properties['CacheParameterGroupFamily']).to.equal('valkey8');
      }
    });

    it('receives engine patches without drift: the template names the series', () => {
      expect(writer()).to.include({ EngineVersion: '8.4', AutoMinorVersionUpgrade: true });
    });

    it('uses engines that both READMEs list as tested or as not run', () => {
      const { Engine, EngineVersion } = writer();
      const [mysqlMajor = '', mysqlMinor = ''] = String(EngineVersion).split('.');
      expect(Engine).to.equal('mysql');
      const named = [`MySQL ${mysqlMajor}.${mysqlMinor}`];
      for (const { Properties } of stage.ofType('AWS::ElastiCache::ReplicationGroup')) {
        named.push(`Redis ${Properties['EngineVersion'] as string}`);
      }
      for (const readme of readmes) {
        const section = /\n## (?:Versions|버전), .*\n([\s\S]*?)(\n## |$)/.exec(readme)?.[1] ?? '';
        for (const engine of named) expect(section, engine).to.contain(engine);
      }
    });
  });
