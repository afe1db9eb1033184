/**
 * `report-start ready` waits until this instance works and tells CloudFormation, which then continues with
 * the next one. An instance works once the balancer reports it as healthy, or once its consumer has consumed
 * and kept running. `report-start failed` tells CloudFormation to roll back.
 */
import { statSync } from 'node:fs';
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
/** Below the time that CloudFormation waits for the signal, counted from the boot of the instance. */
const WAIT_MAX_MS = 8 * 60_000;
/** Consecutive checks (12 s) that must find the same ready file. A restarting process removes it. */
const READY_LOOKS = 5;

const [outcome] = process.argv.slice(2);
const settings = ownSettings(process.env);
const { region, targetGroupArn, readyFile } = settings;
const pollMs = Number(process.env['ROWLOCK_POLL_MS'] ?? POLL_MS);
const waitMaxMs = Number(process.env['ROWLOCK_WAIT_MAX_MS'] ?? WAIT_MAX_MS);
const instanceId = await instanceMetadata('instance-id', process.env);
if (instanceId === undefined) throw new Error('the metadata service has no instance-id');

if (outcome === 'failed') {
  await signal('FAILURE');
} else {
  if (targetGroupArn !== undefined) await untilHealthy(targetGroupArn);
  else if (readyFile !== undefined) await untilReady(readyFile);
  await signal('SUCCESS');
}

async function untilHealthy(TargetGroupArn: string): Promise<void> {
  const client = new ElasticLoadBalancingV2Client({ region, ...clientLimits });
  const endMs = performance.now() + waitMaxMs;
  while (performance.now() < endMs) {
    try {
      const { TargetHealthDescriptions = [] } = await client.send(
        new DescribeTargetHealthCommand({ TargetGroupArn, Targets: [{ Id: instanceId }] }),
      );
      if (TargetHealthDescriptions[0]?.TargetHealth?.State === 'healthy') return;
    } catch (error) {
      // A new instance may get its permissions and routes a moment late.
      eventLine('target_health_unknown', { error });
    }
    await pause(pollMs);
  }
  throw new Error(`the balancer did not report this instance as healthy within ${waitMaxMs / 1000} s`);
}

async function untilReady(file: string): Promise<void> {
  const endMs = performance.now() + waitMaxMs;
  let known: number | undefined;
  let looks = 0;
  while (performance.now() < endMs) {
    const found = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    looks = found !== undefined && found === known ? looks + 1 : 1;
    known = found;
    if (known !== undefined && looks >= READY_LOOKS) return;
    await pause(pollMs);
  }
  throw new Error(`${file} did not stay in place within ${waitMaxMs / 1000} s`);
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
    // No deployment waits for an instance that scaling has added.
    if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
    eventLine('start_not_awaited', { status: Status });
  }
}
