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

/** Starts a broker of this run alone. */
export async function runKafka(): Promise<DirectTopic> {
  const server = await startOwnKafka();
  const [broker] = server.nodes;
  if (broker === undefined) throw new Error('faults need a broker that is a process of this machine');
  const topics = await createTestTopics({ brokers: server.brokers });
  const admin = new Admin({
    clientId: 'rowlock-faults',
    bootstrapBrokers: [server.brokers],
    retries: 5,
    retryDelay: 500,
  });
  admin.on('error', () => undefined);
  onCleanup(() => admin.close());
  const poisons: string[] = [];
  let letters: readonly string[] = [];
  const setDeadLetters = async (minReplicas: number) => {
    await admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topics.deadLetterTopic,
          configs: [
            {
              name: 'min.insync.replicas',
              configOperation: IncrementalAlterConfigOperationTypes.SET,
              value: `${minReplicas}`,
            },
          ],
        },
      ],
    });
  };
  return {
    product: `Kafka ${server.version}`,
    env: topics.env,
    broker,
    freeze: server.freeze,
    thaw: server.thaw,
    rebalance: topics.removeMembers,
    rewind: topics.rewind,
    // The topic has one replica: with two required, acks=all is refused and nothing is lost.
    refuseDeadLetters: () => setDeadLetters(2),
    acceptDeadLetters: () => setDeadLetters(1),
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

/** Undefined for poison: its subject is no id of an order that the shop made. */
function eventIdOf(body: string): string | undefined {
  try {
    const { id, type, data } = JSON.parse(body) as {
      id?: string;
      type?: string;
      data?: { orderId?: string };
    };
    return type !== undefined && data?.orderId !== undefined ? id : undefined;
  } catch {
    return undefined;
  }
}
