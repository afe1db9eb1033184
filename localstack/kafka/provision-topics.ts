import { Admin, findErrorBy } from '@platformatic/kafka';
import { orderEventsTopic } from '../../app/contract/order-events-topic.ts';

export interface ProvisionTopicsOptions {
  /** Host and port of one or several brokers, separated by commas. */
  readonly brokers: string;
  /** Names instead of those in app/contract, for parallel tests on one server. */
  readonly names?: TopicNames;
  readonly replicas?: number;
}

export interface TopicNames {
  readonly topic: string;
  readonly deadLetterTopic: string;
}

const TIMEOUT_MS = 20_000;

/**
 * Creates the topics on a broker as lib/ defines them. Idempotent: leaves topics that exist as they are and
 * loses no event.
 */
export async function provisionTopics(options: ProvisionTopicsOptions): Promise<TopicNames> {
  const names = options.names ?? {
    topic: orderEventsTopic.name,
    deadLetterTopic: orderEventsTopic.deadLetterName,
  };
  const admin = new Admin({
    clientId: 'rowlock-provisioning',
    bootstrapBrokers: options.brokers.split(','),
    timeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retries: 3,
  });
  try {
    const wanted = [
      { name: names.topic, retentionS: orderEventsTopic.retentionS },
      { name: names.deadLetterTopic, retentionS: orderEventsTopic.deadLetterRetentionS },
    ];
    for (const { name, retentionS } of wanted) {
      const configs = [{ name: 'retention.ms', value: `${retentionS * 1000}` }];
      const { partitions } = orderEventsTopic;
      await admin
        .createTopics({ topics: [name], partitions, replicas: options.replicas ?? 1, configs })
        .catch((error: Error) => {
          if (findErrorBy(error, 'apiId', 'TOPIC_ALREADY_EXISTS') === null) throw error;
        });
    }
    return names;
  } finally {
    await admin.close();
  }
}
