import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { deadLettersSent } from '../../../lib/messaging/kafka-alarms.ts';
import { stageNames } from '../../../lib/settings/stage-settings.ts';
import { evaluateAlarm } from '../../support/observe/evaluate-alarm.ts';
import { synthesisedStage } from '../../support/observe/synthesised-stage.ts';
import { type SynthesisedCluster, synthesisedCluster } from './synthesised-cluster.ts';

const top = join(import.meta.dirname, '../../..');
const runbook = readFileSync(join(top, 'docs/runbook.md'), 'utf8');

/** Alarms of what only instances, the gateway or SQS have. */
const onlyOnInstances = [
  'client-quota',
  'throttled-requests',
  'unhealthy-targets',
  'too-few-instances',
  'instance-disk',
  'instance-memory',
  'instance-credits',
];

for (const name of stageNames)
  describe(`the alarms of the cluster of ${name}`, function () {
    let cluster: SynthesisedCluster;
    let alarms: SynthesisedCluster['resources'];

    before(async () => {
      cluster = await synthesisedCluster(name);
      alarms = cluster.ofType('AWS::CloudWatch::Alarm');
    });

    const headingOf = ({ Properties }: SynthesisedCluster['resources'][number]) =>
      /docs\/runbook\.md#([a-z-]+)$/.exec(String(Properties['AlarmDescription']))?.[1] ?? '';

    it('each have a heading in the runbook', () => {
      expect(alarms).to.have.length.of.at.least(25);
      for (const alarm of alarms) expect(runbook).to.contain(`\n### ${headingOf(alarm)}\n`);
    });

    it('are those of the other shape, but for what the cluster does not have', () => {
      const ofInstances = synthesisedStage(name).ofType('AWS::CloudWatch::Alarm');
      const own = new Set(alarms.map(headingOf));
      const missing = new Set(ofInstances.map(headingOf).filter((heading) => !own.has(heading)));
      // A burstable instance type is a setting of the stage.
      expect(onlyOnInstances).to.include.members([...missing]);
    });

    it('watch every broker, and the lag of the group that counts events', () => {
      const { brokers } = cluster.settings.kafka;
      const metrics = cluster.one('AWS::CloudWatch::Alarm', 'Alarmskafkadisk').Properties['Metrics'];
      const ids = (
        metrics as { MetricStat?: { Metric: { Dimensions: { Name: string; Value: string }[] } } }[]
      )
        .flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions ?? [])
        .flatMap(({ Name, Value }) => (Name === 'Broker ID' ? [Value] : []));
      expect(ids).to.deep.equal(Array.from({ length: brokers }, (_, index) => `${index + 1}`));
      const { Dimensions } = cluster.one('AWS::CloudWatch::Alarm', 'Alarmsordereventswait').Properties;
      expect(Dimensions).to.deep.include({ Name: 'Consumer Group', Value: 'statistics' });
    });

    it('fire for the described fault and not for normal operation', () => {
      const value = (id: string, metrics: Record<string, number | undefined>) =>
        evaluateAlarm(cluster.one('AWS::CloudWatch::Alarm', `Alarms${id}`).Properties, '', metrics);
      expect(value('failingrequests', { requests: 100, errors: 2 })).to.equal(2);
      expect(value('failingrequests', { requests: 100, errors: undefined })).to.equal(0);
      expect(value('failingrequests', { requests: 19, errors: 19 }), 'too few to say').to.equal(0);
      expect(value('ordersstopped', { requests: 5000, orders: undefined })).to.equal(1);
      expect(value('ordersstopped', { requests: 5000, orders: 1 })).to.equal(0);
    });

    it('treat missing data as a fault where nothing else would report it', () => {
      const silent = alarms
        .filter(({ Properties }) => Properties['TreatMissingData'] === 'breaching')
        .map(headingOf);
      expect(silent).to.include.members(['no-healthy-targets', 'outbox-waits', 'too-few-pods']);
    });
  });

describe('the dead letters of Kafka', () => {
  it('are counted by a log event that the app writes', () => {
    const sources = readdirSync(join(top, 'app'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(top, 'app', file), 'utf8'))
      .join('\n');
    for (const event of deadLettersSent)
      expect(sources, event).to.match(new RegExp(`log\\.(warn|error)\\('${event}'`));
  });
});
