import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { loggedEvents } from '../../lib/constructs/event-alarms.ts';
import { stageNames } from '../../lib/stages.ts';
import { mayPublish } from '../support/may-publish.ts';
import { synthesisedStage } from '../support/synthesised-stage.ts';

const top = join(import.meta.dirname, '../..');
const runbook = readFileSync(join(top, 'docs/runbook.md'), 'utf8');
const [, alarmsPart = ''] = /## Alarms\n([\s\S]*?)\n## /.exec(runbook) ?? [];
const chapters = new Map(
  alarmsPart
    .split(/^### /m)
    .slice(1)
    .map((chapter) => [chapter.slice(0, chapter.indexOf('\n')), chapter] as const),
);
const alarmsOf = (name: (typeof stageNames)[number]) =>
  synthesisedStage(name)
    .ofType('AWS::CloudWatch::Alarm')
    // Target tracking makes its own, which scale and wake nobody.
    .map(({ Properties }) => Properties);

describe('the alarms', function () {
  for (const name of stageNames)
    it(`of ${name} each lead to a heading of the runbook, and tell people`, () => {
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
      const stage = synthesisedStage(name);
      const topics = stage.ofType('AWS::SNS::Topic').map(({ logicalId }) => ({ Ref: logicalId }));
      for (const { AlarmName, AlarmActions, OKActions, InsufficientDataActions = [] } of alarmsOf(name)) {
        for (const topic of [AlarmActions, OKActions, InsufficientDataActions].flat()) {
          expect(topics, AlarmName).to.deep.include(topic);
          expect(mayPublish(stage, topic, 'cloudwatch.amazonaws.com'), AlarmName).to.equal(true);
        }
      }
      expect(topics.filter((topic) => mayPublish(stage, topic, 'other.amazonaws.com'))).to.deep.equal([]);
    });

  it('leave no heading behind that nothing leads to', () => {
    const led = stageNames.flatMap((name) =>
      alarmsOf(name).map(({ AlarmDescription }) => String(AlarmDescription).split('#')[1]),
    );
    expect([...chapters.keys()].filter((heading) => !led.includes(heading))).to.deep.equal([]);
  });

  it('are described, investigated and resolved', () => {
    for (const [heading, chapter] of chapters) {
      expect(chapter, heading).to.match(
        /\*\*Description\.\*\* \S[\s\S]+\n\n\*\*Investigation\.\*\* \S[\s\S]+\n\n\*\*Resolution\.\*\* \S/,
      );
    }
  });

  it('watch what an order and its event can meet', () => {
    for (const name of stageNames) {
      const names = alarmsOf(name).map(({ AlarmName }) => String(AlarmName).replace(`rowlock-${name}-`, ''));
      expect(names).to.include.members([
        'failing-requests',
        'slow-requests',
        'throttled-requests',
        'client-quota',
        'unhealthy-targets',
        'order-events-wait',
        'dead-letters',
        'publishing-fails',
        'outbox-waits',
        'images-wait',
        'drift',
        'database-connections',
        'database-storage',
        'database-deadlocks',
        'redis-memory',
        'redis-evictions',
      ]);
    }
  });

  it('count log lines that the app does write', () => {
    const sources = readdirSync(join(top, 'app'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(top, 'app', file), 'utf8'))
      .join('\n');
    for (const event of Object.values(loggedEvents).flat()) {
      expect(sources, event).to.match(new RegExp(`log\\.(warn|error)\\('${event}'`));
    }
  });

  it('go by mail to whoever is named', () => {
    const named = synthesisedStage('production', { alarmEmail: 'oncall@example.com' });
    const topics = named.ofType('AWS::SNS::Topic').map(({ stack }) => stack);
    const subscriptions = named.ofType('AWS::SNS::Subscription');
    expect(subscriptions.map(({ stack }) => stack)).to.have.members(topics);
    for (const { Properties } of subscriptions) {
      expect(Properties).to.include({ Protocol: 'email', Endpoint: 'oncall@example.com' });
    }
    expect(synthesisedStage('production').ofType('AWS::SNS::Subscription')).to.have.lengthOf(0);
  });
});
