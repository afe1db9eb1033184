/**
 * `report-start ready` waits until the balancer calls this instance healthy, and tells CloudFormation, which
 * then goes on to the next one. `report-start failed` tells it to roll back.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CloudFormationClient, SignalResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { eventLine } from './event-line.ts';
import { instanceMetadata } from './instance-metadata.ts';
import { clientLimits, ownSettings } from './own-settings.ts';

const POLL_MS = 3000;
/** Below the time that CloudFormation waits, from the boot of the instance, for the signal. */
const WAIT_MAX_MS = 8 * 60_000;

const [outcome] = process.argv.slice(2);
const settings = ownSettings(process.env);
const { region, targetGroupArn } = settings;
const instanceId = await instanceMetadata('instance-id', process.env);
if (instanceId === undefined) throw new Error('the metadata service knows no instance-id');

if (outcome === 'failed') {
  await signal('FAILURE');
} else {
  if (targetGroupArn !== undefined) await untilHealthy(targetGroupArn);
  await signal('SUCCESS');
}

async function untilHealthy(TargetGroupArn: string): Promise<void> {
  const client = new ElasticLoadBalancingV2Client({ region, ...clientLimits });
  const endMs = Date.now() + WAIT_MAX_MS;
  const pollMs = Number(process.env['ROWLOCK_POLL_MS'] ?? POLL_MS);
  while (Date.now() < endMs) {
    try {
      const { TargetHealthDescriptions = [] } = await client.send(
        new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: instanceId }] }),
      );
      if (TargetHealthDescriptions[0]?.TargetHealth?.State === 'healthy') return;
    } catch (error) {
      // Rights and routes of a new instance may be a moment late.
      eventLine('target_health_unknown', { error });
    }
    await pause(pollMs);
  }
  throw new Error(`the balancer has not called this instance healthy within ${WAIT_MAX_MS / 1000} s`);
}

async function signal(Status: 'SUCCESS' | 'FAILURE'): Promise<void> {
  const client = new CloudFormationClient({ region, ...clientLimits });
  try {
    await client.send(
      new SignalResourceCommand({
        StackName: settings.stackName,
        LogicalResourceId: settings.groupLogicalId,
        UniqueId: instanceId,
        Status,
      }),
    );
    eventLine('start_reported', { status: Status });
  } catch (error) {
    // An instance that was added by scaling has no deployment waiting for it.
    if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
    eventLine('start_not_awaited', { status: Status });
  }
}
