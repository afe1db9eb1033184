import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventFailures } from '../../lib/messaging/event-alarms.ts';
import { processFailures } from '../../lib/service/process-alarms.ts';
import { stageNames } from '../../lib/settings/stage-settings.ts';
import { evaluateAlarm } from '../support/observe/evaluate-alarm.ts';
import { synthesisedCluster } from './cluster/synthesised-cluster.ts';
import { mayPublish } from './may-publish.ts';
import { type SynthesisedStage, synthesisedStage } from '../support/observe/synthesised-stage.ts';

const top = join(import.meta.dirname, '../..');
const runbook = readFileSync(join(top, 'docs/runbook.md'), 'utf8');
const [, alarmsPart = ''] = /## Alarms\n([\s\S]*?)\n## /.exec(runbook) ?? [];
const chapters = new Map(
  alarmsPart
    .split(/^### /m)
    .slice(1)
    .map((chapter) => [chapter.slice(0, chapter.indexOf('\n')), chapter] as const),
);
const everyOption = {
  domain: 'shop.example.com',
  hostedZoneId: 'Z0123456789ABC',
  hostedZoneName: 'example.com',
  edgeCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/a',
  regionalCertificateArn: 'arn:aws:acm:ap-northeast-2:123456789012:certificate/b',
  alarmEmail: 'oncall@example.com',
  alarmPageUrl: 'https://pager.example.com/sns',
  budgetUsd: '500',
};
const alarmsOf = (name: (typeof stageNames)[number]) =>
  synthesisedStage(name, everyOption)
    .ofType('AWS::CloudWatch::Alarm')
    // Excludes the alarms of target tracking, which scale the fleet and notify no person.
    .map(({ Properties }) => Properties);

/** Finds the topic by the start of its id, in any stack. */
const topicOf = (stage: SynthesisedStage, idStart: string) => {
  const found = stage.ofType('AWS::SNS::Topic').find(({ logicalId }) => logicalId.startsWith(idStart));
  return { Ref: found?.logicalId };
};

describe('the alarms', function () {
  for (const name of stageNames)
    it(`of ${name} each link to a heading of the runbook, and notify people`, () => {
      const alarms = alarmsOf(name);
      expect(alarms).to.have.length.of.at.least(20);
      for (const { AlarmName, AlarmDescription, AlarmActions, OKActions } of alarms) {
        const heading = /docs\/runbook\.md#([a-z-]+)$/.exec(AlarmDescription as string)?.[1];
        expect(chapters.has(heading ?? ''), `${AlarmName as string} → ${heading}`).to.equal(true);
        expect(AlarmName).to.match(new RegExp(`^rowlock-${name}-${heading}`));
        expect(AlarmActions).to.have.lengthOf(1);
        expect(OKActions).to.have.lengthOf(1);
      }
    });

  for (const name of stageNames)
    it(`of ${name} may each publish to their topic`, () => {
      const stage = synthesisedStage(name, everyOption);
      const topics = stage.ofType('AWS::SNS::Topic').map(({ logicalId }) => ({ Ref: logicalId }));
      for (const { AlarmName, AlarmActions, OKActions, InsufficientDataActions = [] } of alarmsOf(name)) {
        for (const topic of [AlarmActions, OKActions, InsufficientDataActions].flat()) {
          expect(topics, AlarmName).to.deep.include(topic);
          expect(mayPublish(stage, topic, 'cloudwatch.amazonaws.com'), AlarmName).to.equal(true);
        }
      }
      expect(topics.filter((topic) => mayPublish(stage, topic, 'other.amazonaws.com'))).to.deep.equal([]);
    });

  for (const name of stageNames)
    it(`of ${name} go to the topic of their severity`, () => {
      const stage = synthesisedStage(name, everyOption);
      const topics: Record<string, unknown> = {
        page: topicOf(stage, 'AlarmsPage'),
        mail: topicOf(stage, 'AlarmsMail'),
      };
      const seen = alarmsOf(name).map(({ AlarmName, AlarmDescription, AlarmActions, OKActions }) => {
        const [, severity = ''] = /^\[(page|mail)\] /.exec(AlarmDescription as string) ?? [];
        expect([AlarmActions, OKActions], AlarmName).to.deep.equal([[topics[severity]], [topics[severity]]]);
        return severity;
      });
      const pages = seen.filter((severity) => severity === 'page');
      expect(pages, 'few enough to get up for').to.have.length.within(5, 12);
    });

  it('share their topics with other services that publish there', () => {
    const stage = synthesisedStage('production', everyOption);
    const topic = (idStart: string) => topicOf(stage, idStart);
    const [notice] = stage.one('AWS::Budgets::Budget').Properties['NotificationsWithSubscribers'];
    expect(notice.Subscribers).to.deep.equal([{ SubscriptionType: 'SNS', Address: topic('AlarmsMail') }]);
    expect(mayPublish(stage, topic('AlarmsMail'), 'budgets.amazonaws.com')).to.equal(true);
    const events = stage.one('AWS::RDS::EventSubscription').Properties;
    expect(events['SnsTopicArn']).to.deep.equal(topic('EventsTopic'));
    expect(events['SourceIds'], 'writer and replica').to.have.lengthOf(2);
    expect(mayPublish(stage, topic('EventsTopic'), 'events.rds.amazonaws.com')).to.equal(true);
    for (const { Properties } of stage.ofType('AWS::ElastiCache::ReplicationGroup')) {
      expect(Properties['NotificationTopicArn']).to.deep.equal(topic('EventsTopic'));
    }
    // ElastiCache requires this condition.
    const policy = stage.one('AWS::SNS::TopicPolicy', 'EventsTopic').Properties['PolicyDocument'];
    expect(JSON.stringify(policy)).to.contain('"StringEquals":{"AWS:SourceOwner":{"Ref":"AWS::AccountId"}}');
  });

  it('watch the functions that rotate passwords', () => {
    const stage = synthesisedStage('minimal');
    const names = stage
      .ofType('AWS::Serverless::Application')
      .map(({ Properties }) => String(Properties['Parameters'].functionName));
    const { Metrics } = stage.one('AWS::CloudWatch::Alarm', 'Alarmsrotationfails').Properties;
    const watched = (Metrics as { MetricStat?: { Metric: { Dimensions: { Value: string }[] } } }[]).flatMap(
      ({ MetricStat }) => MetricStat?.Metric.Dimensions.map(({ Value }) => Value) ?? [],
    );
    expect(watched).to.have.members(names).and.have.lengthOf(4);
  });

  const alarmsOfProduction = () => synthesisedStage('production').ofType('AWS::CloudWatch::Alarm');

  it('treat missing data as a fault where nothing else would report it', () => {
    const silent = alarmsOfProduction()
      .filter(({ Properties }) => Properties['TreatMissingData'] === 'breaching')
      .map(({ Properties }) => String(Properties['AlarmName']).replace('rowlock-production-', ''));
    expect(silent).to.have.members([
      'replica-lag',
      'too-few-instances-api',
      'too-few-instances-data-platform',
      'instance-disk-api',
      'instance-disk-data-platform',
      'no-healthy-targets',
      'outbox-waits',
    ]);
  });

  it('fire after the time that the runbook states', () => {
    const minutes = (name: string) => {
      const found = alarmsOfProduction().find(
        ({ Properties }) => Properties['AlarmName'] === `rowlock-production-${name}`,
      );
      const { EvaluationPeriods, Period, Metrics = [] } = found?.Properties ?? {};
      const [inMath] = (Metrics as { MetricStat?: { Period: number } }[]).flatMap(
        ({ MetricStat }) => MetricStat?.Period ?? [],
      );
      return (Number(EvaluationPeriods) * Number(Period ?? inMath)) / 60;
    };
    const names = ['replica-lag', 'orders-stopped', 'no-healthy-targets'];
    expect(names.map(minutes)).to.deep.equal([5, 30, 2]);
  });

  it('fire for the described fault and not for normal operation', () => {
    const value = (id: string, metrics: Record<string, number | undefined>) =>
      evaluateAlarm(
        synthesisedStage('production').one('AWS::CloudWatch::Alarm', `Alarms${id}`).Properties,
        '',
        metrics,
      );
    const minimal = (id: string, metrics: Record<string, number | undefined>) =>
      evaluateAlarm(
        synthesisedStage('minimal').one('AWS::CloudWatch::Alarm', `Alarms${id}`).Properties,
        '',
        metrics,
      );
    expect(value('replicalag', { lag: -1 }), 'a stopped replica').to.be.above(30);
    expect(value('replicalag', { lag: 2 })).to.equal(2);
    expect(value('ordersstopped', { requests: 5000, orders: undefined })).to.equal(1);
    expect(value('ordersstopped', { requests: 5000, orders: 1 })).to.equal(0);
    expect(value('ordersstopped', { requests: 900, orders: 0 }), 'a quiet night').to.equal(0);
    expect(minimal('rediscreditsstate', { credits1: 0, cpu1: 3 }), 'a new node').to.equal(0);
    expect(minimal('rediscreditsstate', { credits1: 0, cpu1: 60 })).to.equal(1);
    expect(minimal('instancecreditsapi', { charged: undefined, credits: 0, cpu: 5 }), 'a new one').to.equal(
      0,
    );
    expect(minimal('instancecreditsapi', { charged: 0.5, credits: 0, cpu: 5 })).to.equal(1);
    expect(minimal('instancecreditsapi', { charged: undefined, credits: 0, cpu: 60 })).to.equal(1);
  });

  it('leave no runbook heading without an alarm', async () => {
    const cluster = await synthesisedCluster('production', everyOption);
    const led = [
      ...stageNames.flatMap((name) => alarmsOf(name)),
      ...cluster.ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties),
    ].map(({ AlarmDescription }) => String(AlarmDescription).split('#')[1]);
    expect([...chapters.keys()].filter((heading) => !led.includes(heading))).to.deep.equal([]);
  });

  it('have a description, an investigation and a resolution each', () => {
    for (const [heading, chapter] of chapters) {
      expect(chapter, heading).to.match(
        /\*\*Description\.\*\* \S[\s\S]+\n\n\*\*Investigation\.\*\* \S[\s\S]+\n\n\*\*Resolution\.\*\* \S/,
      );
    }
  });

  it('cover every failure of an order and its event', () => {
    for (const name of stageNames) {
      const names = alarmsOf(name).map(({ AlarmName }) => String(AlarmName).replace(`rowlock-${name}-`, ''));
      expect(names).to.include.members([
        'failing-requests',
        'slow-requests',
        'throttled-requests',
        'client-quota',
        'unhealthy-targets',
        'no-healthy-targets',
        'orders-stopped',
        'rotation-fails',
        'instance-disk-api',
        'instance-memory-data-platform',
        'order-events-wait',
        'dead-letters',
        'publishing-fails',
        'outbox-waits',
        'images-wait',
        'unsuitable-server',
        'clock-differs',
        'drift',
        'database-connections',
        'database-storage',
        'database-deadlocks',
        'redis-memory',
        'redis-evictions',
      ]);
    }
  });

  it('count log events that the app really writes', () => {
    const sources = readdirSync(join(top, 'app'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(top, 'app', file), 'utf8'))
      .join('\n');
    for (const event of Object.values({ ...eventFailures, ...processFailures }).flat()) {
      expect(sources, event).to.match(new RegExp(`log\\.(warn|error)\\('${event}'`));
    }
  });

  it('count events of any role in the logs of both fleets', () => {
    const stage = synthesisedStage('production');
    const filters = stage.ofType('AWS::Logs::MetricFilter').map(({ Properties }) => Properties);
    for (const [id, events] of [
      ['unsuitableserver', processFailures.unsuitable],
      ['clockdiffers', processFailures.clock],
    ] as const) {
      const { MetricName, Namespace } = stage.one('AWS::CloudWatch::Alarm', `Alarms${id}`).Properties;
      const feeding = filters.filter(({ MetricTransformations: [to] }) => to.MetricName === MetricName);
      const logs = feeding.map(({ LogGroupName }) => JSON.stringify(LogGroupName));
      expect(new Set(logs), 'log groups').to.have.lengthOf(2);
      for (const { FilterPattern, MetricTransformations } of feeding) {
        expect(MetricTransformations[0].MetricNamespace).to.equal(Namespace);
        for (const event of events) expect(FilterPattern).to.contain(`($.event = "${event}")`);
      }
    }
  });

  it('go by e-mail to the named people, and pages also to the pager', () => {
    const named = synthesisedStage('production', everyOption);
    const subscriptions = named
      .ofType('AWS::SNS::Subscription')
      .map(({ stack, Properties }) => [
        stack,
        Properties['TopicArn'].Ref.replace(/[0-9A-F]{8}$/, ''),
        Properties['Protocol'],
        Properties['Endpoint'],
      ]);
    const mail = ['email', 'oncall@example.com'];
    const pager = ['https', 'https://pager.example.com/sns'];
    expect(subscriptions).to.have.deep.members([
      ['Observability', 'AlarmsPage', ...mail],
      ['Observability', 'AlarmsPage', ...pager],
      ['Observability', 'AlarmsMail', ...mail],
      ['Data', 'EventsTopic', ...mail],
      ['EdgeWatch', 'AlarmsPage', ...mail],
      ['EdgeWatch', 'AlarmsPage', ...pager],
      ['EdgeWatch', 'AlarmsMail', ...mail],
    ]);
    expect(synthesisedStage('production').ofType('AWS::SNS::Subscription')).to.have.lengthOf(0);
  });
});
