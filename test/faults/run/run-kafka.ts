import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka';
import { onCleanup } from '../../support/cleanup.ts';
import { createTestTopics } from '../../support/servers/kafka.ts';
import { startOwnKafka } from '../../support/servers/own-kafka.ts';
import type { FinalState } from '../check/final-state.ts';
import type { RunKafka } from './fault.ts';
import type { DirectQueue } from './run-queue.ts';

/** The events of a run on Kafka, with the runner's own access to them. */
export type DirectTopic = RunKafka & {
  readonly product: string;
  /** The app's settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes the place of the queue; the bucket stays. */
  readonly queue: Pick<DirectQueue, 'poisons' | 'send' | 'messageCount' | 'redrive'>;
  /** What the topics hold, for the checker. */
  finalState(): Promise<NonNullable<FinalState['topic']>>;
};

/** The default of Kafka. */
const LARGEST_LETTER_BYTES = 1_048_588;

/** Starts brokers of this run alone. Each of them has a replica of every partition. */
export async function runKafka(brokerCount: number): Promise<DirectTopic> {
  const server = await startOwnKafka({ brokerCount });
  const { nodes: brokers } = server;
  if (brokers.length === 0) throw new Error('faults need brokers that are processes of this machine');
  const topics = await createTestTopics({ brokers: server.brokers, replicas: brokerCount });
  const admin = new Admin({
    clientId: 'rowlock-faults',
    bootstrapBrokers: server.brokers.split(','),
    retries: 5,
    retryDelay: 500,
  });
  admin.on('error', () => undefined);
  onCleanup(() => admin.close());
  const poisons: string[] = [];
  let letters: readonly string[] = [];
  const setLargestLetter = async (bytes: number) => {
    const { SET: configOperation } = IncrementalAlterConfigOperationTypes;
    await admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topics.deadLetterTopic,
          configs: [{ name: 'max.message.bytes', configOperation, value: `${bytes}` }],
        },
      ],
    });
  };
  return {
    product: `Kafka ${server.version}`,
    env: topics.env,
    brokers,
    freeze: server.freeze,
    thaw: server.thaw,
    rebalance: topics.removeMembers,
    rewind: topics.rewind,
    // More in-sync replicas than there are would not do: Kafka requires as many as the topic has.
    refuseDeadLetters: () => setLargestLetter(1),
    acceptDeadLetters: () => setLargestLetter(LARGEST_LETTER_BYTES),
    queue: {
      poisons,
      send: (body) => topics.send(body),
      messageCount: topics.waiting,
      redrive: async () => {
        if ((await topics.deadLetters()) > letters.length)
          letters = (await topics.records(topics.deadLetterTopic)).map(({ body }) => body);
        return seenOf(poisons, letters);
      },
    },
    async finalState() {
      const records = (await topics.records()).flatMap(({ key, body, partition }) => {
        const eventId = eventIdOf(body);
        return eventId === undefined ? [] : [{ key, eventId, partition }];
      });
      const deadLetters = await topics.records(topics.deadLetterTopic);
      return { records, poisons, deadLetters: deadLetters.map(({ body }) => body) };
    },
  };
}

const seenOf = (poisons: readonly string[], letters: readonly string[]) =>
  poisons.filter((poison) => letters.includes(poison)).length;

/** Undefined for poison, which names no user. */
function eventIdOf(body: string): string | undefined {
  try {
    const { id, type, data } = JSON.parse(body) as {
      id?: string;
      type?: string;
      data?: { userId?: string };
    };
    return type !== undefined && data?.userId !== undefined ? id : undefined;
  } catch {
    return undefined;
  }
}
