import { expect } from 'chai';
import { orderEventsQueue } from '../../app/contract/order-events-queue.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import {
  type Resource,
  synthesisedStage,
  type SynthesisedStage,
} from '../support/observe/synthesised-stage.ts';

interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action?: unknown;
  readonly Condition?: Record<string, unknown>;
  readonly Resource?: unknown;
}

const documentOf = ({ Properties }: Resource): Statement[] =>
  (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
const ownAccount = JSON.stringify({ StringEquals: { 'AWS:SourceOwner': { Ref: 'AWS::AccountId' } } });
/** Any principal, unless a condition restricts access to this account. */
const isPublic = ({ Effect, Principal, Condition }: Statement) =>
  Effect === 'Allow' &&
  JSON.stringify(Principal ?? '').includes('"*"') &&
  JSON.stringify(Condition) !== ownAccount;
const refusesPlainHttp = (statements: readonly Statement[]) =>
  statements.some(
    ({ Effect, Condition }) =>
      Effect === 'Deny' && JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
  );

for (const name of stageNames)
  describe(`storage and queues of ${name}`, function () {
    let stage: SynthesisedStage;
    before(() => {
      stage = synthesisedStage(name);
    });

    it('have private, encrypted buckets that require TLS', () => {
      const buckets = stage.ofType('AWS::S3::Bucket');
      expect(buckets.map(({ stack, logicalId }) => `${stack} ${logicalId.slice(0, 5)}`)).to.have.members([
        'Storage Image',
        'Storage LogsB',
        'Storage Pages',
        ...(stage.settings.edge.hasWebAcl ? ['EdgeWatch Acces'] : []),
      ]);
      for (const { Properties, logicalId } of buckets) {
        expect(Properties['PublicAccessBlockConfiguration'], logicalId).to.deep.equal({
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        });
        expect(Properties['BucketEncryption'], logicalId).to.not.equal(undefined);
        const policy = stage
          .ofType('AWS::S3::BucketPolicy')
          .find(
            ({ Properties }) => JSON.stringify(Properties['Bucket']) === JSON.stringify({ Ref: logicalId }),
          );
        expect(policy === undefined ? [] : documentOf(policy), logicalId).to.satisfy(refusesPlainHttp);
      }
    });

    it('keep a deleted image for 30 days, and a removed upload for one', () => {
      const { Properties } = stage.one('AWS::S3::Bucket', 'Images');
      expect(Properties['VersioningConfiguration']).to.deep.equal({ Status: 'Enabled' });
      const rules = Properties['LifecycleConfiguration']['Rules'] as Record<string, unknown>[];
      expect(
        rules.map(({ Prefix, NoncurrentVersionExpiration }) => [Prefix, NoncurrentVersionExpiration]),
      ).to.deep.equal([
        ['uploads/', { NoncurrentDays: 1 }],
        [undefined, { NoncurrentDays: 30 }],
      ]);
    });

    it("accept logs only from this account's balancers", () => {
      const balancers = stage
        .ofType('AWS::S3::BucketPolicy')
        .flatMap(documentOf)
        .filter(({ Principal }) => /elasticloadbalancing/.test(JSON.stringify(Principal ?? '')));
      expect(balancers).to.have.lengthOf(1);
      for (const { Action, Resource } of balancers) {
        expect(Action).to.equal('s3:PutObject');
        expect(JSON.stringify(Resource)).to.match(
          /"\/balancer\/AWSLogs\/",\{"Ref":"AWS::AccountId"\},"\/\*"/,
        );
      }
    });

    it('keep images and pages when the stack is deleted', () => {
      for (const id of ['Images', 'Pages']) {
        expect(stage.one('AWS::S3::Bucket', id).DeletionPolicy).to.equal('RetainExceptOnCreate');
      }
    });

    it('have encrypted queues that require TLS, with a dead-letter queue', () => {
      const queues = stage.ofType('AWS::SQS::Queue');
      expect(queues).to.have.lengthOf(2);
      for (const { Properties, logicalId } of queues) {
        expect(Properties['SqsManagedSseEnabled'], logicalId).to.equal(true);
      }
      const policies = stage.ofType('AWS::SQS::QueuePolicy');
      expect(policies).to.have.lengthOf(queues.length);
      for (const policy of policies) {
        expect(documentOf(policy)).to.satisfy(refusesPlainHttp);
      }
      const events = stage.one('AWS::SQS::Queue', 'OrderEvents').Properties;
      expect(events['QueueName']).to.equal(orderEventsQueue.name);
      expect(events['RedrivePolicy']).to.deep.include({ maxReceiveCount: orderEventsQueue.receiveCountMax });
      expect(JSON.stringify(events['RedrivePolicy'])).to.contain('DeadLetters');
    });

    it('outlive their stack, but not a failed first deployment', () => {
      const kept = stage.resources.filter(({ DeletionPolicy = '' }) => DeletionPolicy.startsWith('Retain'));
      expect(kept.map(({ Type }) => Type)).to.include.members([
        'AWS::RDS::DBInstance',
        'AWS::S3::Bucket',
        'AWS::SecretsManager::Secret',
      ]);
      // Plain `Retain` would also keep them when their creation is rolled back, and their names would block
      // the next attempt.
      for (const { DeletionPolicy, logicalId } of kept) {
        expect(DeletionPolicy, logicalId).to.equal('RetainExceptOnCreate');
      }
    });

    it('grant no general access', () => {
      const policies = [
        'AWS::S3::BucketPolicy',
        'AWS::SQS::QueuePolicy',
        'AWS::SNS::TopicPolicy',
        'AWS::SecretsManager::ResourcePolicy',
      ].flatMap((type) => stage.ofType(type));
      expect(policies).to.have.length.of.at.least(5);
      for (const policy of policies) {
        expect(documentOfAny(policy).filter(isPublic), policy.logicalId).to.deep.equal([]);
      }
    });
  });

function documentOfAny({ Properties }: Resource): Statement[] {
  const document = (Properties['PolicyDocument'] ?? Properties['ResourcePolicy']) as {
    Statement: Statement[];
  };
  return document.Statement;
}
