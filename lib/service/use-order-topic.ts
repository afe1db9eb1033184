import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';
import type { ProcessName } from '../instance/instance-settings.ts';
import { acknowledgeWildcard } from './acknowledge-wildcard.ts';
import type { ProcessHost } from './process-host.ts';
import { type EventsFormat, formatVariable } from './use-order-events.ts';

/** What a client of the topics needs of the brokers. */
export interface OrderTopic extends IConnectable {
  readonly clusterArn: string;
  readonly clusterName: string;
  /** Hosts and ports, separated by commas. */
  readonly brokers: string;
  arnOf(kind: 'topic' | 'group', name: string): string;
}

const { name, deadLetterName, group } = orderEventsTopic;
const redriveGroup = `${group}.redrive`;

/** Actions of "Kafka APIs that IAM access control governs", by what a process does. */
const rights = {
  send: [['topic', name, ['DescribeTopic', 'WriteData']]],
  // For operators: sends, counts what waits, and sends dead letters back.
  operate: [
    ['topic', name, ['DescribeTopic', 'WriteData']],
    ['topic', deadLetterName, ['DescribeTopic', 'ReadData']],
    ['group', group, ['DescribeGroup']],
    ['group', redriveGroup, ['DescribeGroup', 'AlterGroup']],
  ],
  consume: [
    ['topic', name, ['DescribeTopic', 'ReadData']],
    ['topic', deadLetterName, ['DescribeTopic', 'WriteData']],
    ['group', group, ['DescribeGroup', 'AlterGroup']],
  ],
} as const;

/**
 * Lets processes of a host send or consume order events by Kafka: network access, permissions on the topic
 * and, for consumers, on their group and on the dead letters, and the variables of app/config.
 */
export function useOrderTopic(
  host: ProcessHost,
  topic: OrderTopic,
  options: { to: keyof typeof rights; for: readonly ProcessName[]; format?: EventsFormat },
): void {
  host.connections.allowToDefaultPort(topic, 'to Kafka');
  const allow = (actions: readonly string[], resource: string) =>
    host.role.addToPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `kafka-cluster:${action}`),
        resources: [resource],
      }),
    );
  allow(['Connect'], topic.clusterArn);
  for (const [kind, of, actions] of rights[options.to]) {
    allow(actions, topic.arnOf(kind, of));
    acknowledgeWildcard(
      host.role,
      `arn:<AWS::Partition>:kafka:<AWS::Region>:<AWS::AccountId>:${kind}/${topic.clusterName}/*/${of}`,
      'The star is the id of the cluster, which is unknown before it exists; its name is fixed.',
    );
  }
  host.setVariables(options.for, {
    EVENTS: 'kafka',
    KAFKA_AUTH: 'iam',
    KAFKA_BROKERS: topic.brokers,
    KAFKA_TOPIC: name,
    KAFKA_DEAD_LETTER_TOPIC: deadLetterName,
    ...(options.to === 'send' ? {} : { KAFKA_GROUP: group }),
    ...formatVariable(options.format),
  });
}
