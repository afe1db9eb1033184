import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import { awsCalls, type AwsAnswer, type AwsCall } from '../support/servers/aws-calls.ts';

const top = join(import.meta.dirname, '../..');
const topic = 'arn:aws:sns:ap-northeast-2:123456789012:people';
const alarm = (name: string, state: string, actions = [topic]) => ({
  AlarmName: `rowlock-minimal-${name}`,
  StateValue: state,
  AlarmActions: actions,
});

// The script with its real client, and a stand-in that implements CloudWatch's protocol.
describe('npm run smoke -- --stage', function () {
  /** Starts a CloudWatch stand-in with these alarms, whose actions end as `outcome` says. */
  const smoke = async (alarms: readonly object[], outcome: (topic: string) => string) => {
    const told: { Timestamp: number; HistorySummary: string }[] = [];
    const answer = ({ action, input }: AwsCall): AwsAnswer => {
      if (action === 'DescribeAlarms') return { json: { MetricAlarms: alarms, CompositeAlarms: [] } };
      if (action === 'DescribeAlarmHistory') return { json: { AlarmHistoryItems: told.toReversed() } };
      if (input['StateValue'] === 'ALARM') {
        told.push({ Timestamp: 1_700_000_000 + told.length, HistorySummary: outcome(topic) });
      }
      return { json: {} };
    };
    const { url, calls } = await awsCalls(answer);
    const child = spawn(process.execPath, [join(top, 'scripts/smoke/index.ts'), '--stage', 'minimal'], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        AWS_REGION: 'ap-northeast-2',
        AWS_ENDPOINT_URL: url,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => (output += String(chunk)));
    }
    const [code] = (await once(child, 'exit')) as [number];
    const set = calls
      .filter(({ action }) => action === 'SetAlarmState')
      .map(({ input }) => [input['AlarmName'], input['StateValue']]);
    return { code, output, set, asked: calls[0] };
  };

  it('sets an alarm per topic to ALARM, sees the notification, and resets the alarm', async () => {
    const alarms = [alarm('failing-requests', 'OK'), alarm('drift', 'OK'), alarm('dead-letters', 'OK')];
    const { code, output, set, asked } = await smoke(alarms, (arn) => `Successfully executed action ${arn}`);
    expect(code, output).to.equal(0);
    expect(asked?.input).to.include({ AlarmNamePrefix: 'rowlock-minimal-' });
    expect(set, 'and none that rolls a release back').to.deep.equal([
      ['rowlock-minimal-drift', 'ALARM'],
      ['rowlock-minimal-drift', 'OK'],
    ]);
  });

  it("fails with CloudWatch's reason if the notification failed, and resets the alarm", async () => {
    const reason = 'not authorized to perform: SNS:Publish';
    const said = `Failed to execute action ${topic}. Received error: "${reason}"`;
    const { code, output, set } = await smoke([alarm('drift', 'INSUFFICIENT_DATA')], () => said);
    expect(code).to.equal(1);
    expect(output).to.contain('not authorized to perform: SNS:Publish');
    expect(set.at(-1)).to.deep.equal(['rowlock-minimal-drift', 'INSUFFICIENT_DATA']);
  });

  it('fails if the region has no such alarm', async () => {
    const { code, output } = await smoke([], () => '');
    expect(code).to.equal(1);
    expect(output).to.contain('no alarm rowlock-minimal-');
  });
});
