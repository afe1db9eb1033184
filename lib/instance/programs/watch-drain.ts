/**
 * Stops the units in order when Auto Scaling wants this instance gone, and then lets it go. The balancer has
 * deregistered it by then. Should this fail, the hook's own time limit ends the instance.
 */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { eventLine } from './event-line.ts';
import { instanceMetadata } from './instance-metadata.ts';
import { clientLimits, ownSettings } from './own-settings.ts';

const POLL_MS = 5000;
const STOP_TIMEOUT_MS = 100_000;
/** The API first, so that nothing new comes in; the relay has the events of the last orders then. */
const STOP_ORDER = ['api', 'worker', 'data-platform', 'logs'];

const settings = ownSettings(process.env);
const pollMs = Number(process.env['ROWLOCK_POLL_MS'] ?? POLL_MS);
for (;;) {
  if ((await targetState()) === 'Terminated') break;
  await pause(pollMs);
}
eventLine('drain_started');
for (const unit of STOP_ORDER) await stop(unit);
await complete();
eventLine('drain_finished');

async function targetState(): Promise<string | undefined> {
  try {
    return await instanceMetadata('autoscaling/target-lifecycle-state', process.env);
  } catch (error) {
    eventLine('lifecycle_state_unknown', { error });
    return undefined;
  }
}

async function stop(unit: string): Promise<void> {
  try {
    await promisify(execFile)('systemctl', ['stop', `rowlock-${unit}.service`], { timeout: STOP_TIMEOUT_MS });
  } catch (error) {
    // A unit that this instance does not have, or that would not stop: the others still should.
    eventLine('unit_not_stopped', { unit, error });
  }
}

async function complete(): Promise<void> {
  const client = new AutoScalingClient({ region: settings.region, ...clientLimits });
  await client.send(
    new CompleteLifecycleActionCommand({
      AutoScalingGroupName: settings.groupName,
      LifecycleHookName: settings.terminateHook,
      InstanceId: await instanceMetadata('instance-id', process.env),
      LifecycleActionResult: 'CONTINUE',
    }),
  );
}
