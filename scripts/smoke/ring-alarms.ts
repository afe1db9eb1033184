import { setTimeout as delay } from 'node:timers/promises';
import {
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  type MetricAlarm,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';

export interface RingOptions {
  readonly client: CloudWatchClient;
  readonly stage: string;
  readonly log: (line: string) => void;
  /** Longest wait for CloudWatch to report the alarm's action. */
  readonly timeoutMs?: number;
  readonly pollMs?: number;
}

const TIMEOUT_MS = 60_000;
const POLL_MS = 2000;
const REASON = 'npm run smoke: a test of alarm delivery, nothing is wrong';
/** Skipped: these alarms would roll back a release that is in progress (docs/deploy.md). */
const rollbackTriggers = ['failing-requests', 'outbox-waits'];

/**
 * Sets one alarm per topic of a stage to ALARM, waits until CloudWatch reports that it notified the topic,
 * and resets the alarm. Subscribers get a message for each change. Throws when a topic was not notified,
 * after resetting the alarm.
 */
export async function ringAlarms(options: RingOptions): Promise<void> {
  const prefix = `rowlock-${options.stage}-`;
  const byTopic = new Map<string, MetricAlarm>();
  const pages = paginateDescribeAlarms({ client: options.client }, { AlarmNamePrefix: prefix });
  for await (const { MetricAlarms = [] } of pages) {
    for (const alarm of MetricAlarms) {
      if (alarm.StateValue === 'ALARM' || rollbackTriggers.includes(shortName(alarm, prefix))) continue;
      for (const topic of alarm.AlarmActions ?? []) {
        if (!byTopic.has(topic)) byTopic.set(topic, alarm);
      }
    }
  }
  if (byTopic.size === 0) throw new Error(`this region has no alarm ${prefix}… that may be set`);
  for (const [topic, alarm] of byTopic) await ring(alarm, topic, options);
}

async function ring(alarm: MetricAlarm, topic: string, options: RingOptions): Promise<void> {
  const { client, log } = options;
  const { AlarmName = '', StateValue: before = 'INSUFFICIENT_DATA' } = alarm;
  const set = (state: StateValue) =>
    client.send(new SetAlarmStateCommand({ AlarmName, StateValue: state, StateReason: REASON }));
  const since = await lastAction(AlarmName, client);
  await set('ALARM');
  try {
    await untilTold(AlarmName, topic, since, options);
  } finally {
    await set(before);
  }
  log(`alarm ${AlarmName} notified ${topic} and is ${before} again`);
}

async function untilTold(name: string, topic: string, since: number, options: RingOptions): Promise<void> {
  const { client, timeoutMs = TIMEOUT_MS, pollMs = POLL_MS } = options;
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const news = (await actions(name, client)).find(
      ({ Timestamp, HistorySummary = '' }) =>
        (Timestamp?.getTime() ?? 0) > since && HistorySummary.includes(topic),
    );
    if (news !== undefined) {
      if (/^Success/i.test(news.HistorySummary ?? '')) return;
      throw new Error(`alarm ${name}: ${news.HistorySummary}`);
    }
    if (performance.now() > endMs) {
      throw new Error(`alarm ${name}: CloudWatch reported no action within ${timeoutMs / 1000} s`);
    }
    await delay(pollMs);
  }
}

async function lastAction(name: string, client: CloudWatchClient): Promise<number> {
  const [newest] = await actions(name, client);
  return newest?.Timestamp?.getTime() ?? 0;
}

/** Newest first. */
async function actions(AlarmName: string, client: CloudWatchClient) {
  const { AlarmHistoryItems = [] } = await client.send(
    new DescribeAlarmHistoryCommand({
      AlarmName,
      HistoryItemType: 'Action',
      ScanBy: 'TimestampDescending',
      MaxRecords: 10,
    }),
  );
  return AlarmHistoryItems;
}

function shortName({ AlarmName = '' }: MetricAlarm, prefix: string): string {
  return AlarmName.slice(prefix.length);
}
