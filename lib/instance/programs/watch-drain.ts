/**
 * Stops the units in order when Auto Scaling terminates this instance, and then lets Auto Scaling continue.
 * The balancer has deregistered the instance by then. If this fails, the hook's own time limit ends the
 * instance.
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
/**
 * The API stops first, so that no new requests arrive and the relay can send the events of the last orders.
 */
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
    // This instance does not have the unit, or it did not stop. Stop the others anyway.
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
