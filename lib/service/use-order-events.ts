import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { EnvironmentName, ProcessName } from '../instance/instance-settings.ts';
import type { DeploymentOptions } from '../settings/deployment-options.ts';
import type { ProcessHost } from './process-host.ts';

export type EventsFormat = DeploymentOptions['eventsFormat'];

/** Undefined leaves the choice to the app. */
export const formatVariable = (format: EventsFormat): Partial<Record<EnvironmentName, string>> =>
  format === undefined ? {} : { EVENTS_FORMAT: format };

const actions = {
  // /status reads the queue's attributes, and so does the overview.
  send: ['sqs:SendMessage', 'sqs:GetQueueAttributes'],
  consume: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
};

/** Lets the host count the dead letters, and move them back into the queue that it may send to. */
export function useDeadLetters(host: ProcessHost, deadLetters: IQueue): void {
  host.role.addToPolicy(
    new PolicyStatement({ sid: 'DeadLetters', actions: actions.consume, resources: [deadLetters.queueArn] }),
  );
}

/**
 * Lets the host write dead letters: of a message with many events, those that cannot be counted. It may send
 * to no other queue, so it cannot invent events.
 */
export function useSetAside(host: ProcessHost, deadLetters: IQueue): void {
  host.role.addToPolicy(
    new PolicyStatement({
      sid: 'SetAside',
      actions: ['sqs:SendMessage'],
      resources: [deadLetters.queueArn],
    }),
  );
}

/** Lets processes of a host send or consume order events: the permission, and ORDER_EVENTS_QUEUE_URL. */
export function useOrderEvents(
  host: ProcessHost,
  queue: IQueue,
  options: { to: 'send' | 'consume'; for: readonly ProcessName[]; format?: EventsFormat },
): void {
  host.role.addToPolicy(
    new PolicyStatement({
      sid: 'OrderEvents',
      actions: actions[options.to],
      resources: [queue.queueArn],
    }),
  );
  host.setVariables(options.for, {
    ORDER_EVENTS_QUEUE_URL: queue.queueUrl,
    ...formatVariable(options.format),
  });
}
