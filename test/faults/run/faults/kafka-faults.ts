import type { Fault, FaultWorld, RunKafka } from '../fault.ts';
import { isCommit } from './process-faults.ts';
import { poisons } from './queue-faults.ts';

/** The fault happens anyway after this long without a batch. */
const BATCH_TIMEOUT_MS = 3000;
/** The controller notices a killed broker after 4 s (broker-settings.ts) and chooses new leaders. */
const LEADERS_MOVE_MS = 5000;

/** In place of the faults of SQS where Kafka carries the events. */
export const kafkaFaults: readonly Fault[] = [
  {
    name: 'kill-kafka',
    about: 'SIGKILL of every broker, which keep everything that they acknowledged',
    touches: ['kafka'],
    lastsMs: [100, 1000],
    begin: async (world) => {
      const { brokers } = kafkaOf(world);
      await Promise.all(brokers.map((broker) => broker.kill()));
      return { end: () => startAll(brokers) };
    },
  },
  {
    name: 'lose-kafka-broker',
    about: 'SIGKILL of one of three brokers: the two others go on with its partitions',
    touches: ['kafka'],
    lastsMs: [LEADERS_MOVE_MS, LEADERS_MOVE_MS + 3000],
    brokerCount: 3,
    begin: async (world, draw) => {
      const { brokers } = kafkaOf(world);
      const index = Math.floor(draw() * brokers.length);
      await brokers[index]?.kill();
      return { detail: { broker: index + 1 }, end: () => startAll(brokers) };
    },
  },
  {
    name: 'freeze-kafka',
    about: 'SIGSTOP of every broker',
    touches: ['kafka'],
    lastsMs: [300, 3000],
    begin: async (world) => {
      const { freeze, thaw } = kafkaOf(world);
      freeze();
      return { end: async () => thaw() };
    },
  },
  {
    name: 'kill-consumer-in-batch',
    about: 'SIGKILL of the consumer after it has read events and before their COMMIT',
    touches: ['kafka', 'data-platform'],
    lastsMs: [100, 1000],
    begin: async (world) => {
      await atCommitOfBatch(world);
      await world.fleet['data-platform'].kill();
      return { end: () => world.fleet['data-platform'].start() };
    },
  },
  {
    name: 'kafka-rebalance',
    about: 'the broker puts the consumer out of its group while it counts',
    touches: ['kafka'],
    lastsMs: [50, 300],
    begin: async (world) => {
      await kafkaOf(world).rebalance();
      return { end: async () => undefined };
    },
  },
  {
    name: 'kafka-replay',
    about: 'the consumer begins again at the start of the topic',
    touches: ['kafka', 'data-platform'],
    lastsMs: [50, 300],
    begin: async (world) => {
      await world.fleet['data-platform'].stop();
      await kafkaOf(world).rewind();
      return { end: () => world.fleet['data-platform'].start() };
    },
  },
  {
    name: 'kafka-poison',
    about: 'events that cannot be counted: they end in the dead letter topic and delay no others',
    touches: ['kafka'],
    lastsMs: [50, 300],
    begin: async ({ queue }) => {
      await sendPoison(queue);
      return { end: async () => undefined };
    },
  },
  {
    name: 'dead-letters-away',
    about: 'the dead letter topic refuses events that cannot be counted, and takes them later',
    touches: ['kafka'],
    lastsMs: [500, 2500],
    begin: async (world) => {
      const { refuseDeadLetters, acceptDeadLetters } = kafkaOf(world);
      await refuseDeadLetters();
      await sendPoison(world.queue);
      return { end: acceptDeadLetters };
    },
  },
];

async function startAll(brokers: RunKafka['brokers']): Promise<void> {
  await Promise.all(brokers.map((broker) => broker.start()));
}

/** Resolves when the consumer sends the COMMIT of a batch, which never arrives; or after a while without. */
async function atCommitOfBatch({ links }: FaultWorld): Promise<void> {
  const link = links.of('data-platform', 'mysql');
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, BATCH_TIMEOUT_MS);
  const inBatch = new Set<number>();
  link.watchClient((bytes, connection) => {
    if (bytes.includes('INSERT INTO processed_events')) inBatch.add(connection);
    if (!inBatch.has(connection) || !isCommit(bytes)) return 'forward';
    resolve();
    return 'cut';
  });
  await promise;
  clearTimeout(timer);
  link.watchClient(undefined);
}

async function sendPoison(queue: FaultWorld['queue']): Promise<void> {
  for (const poison of poisons()) {
    // Expected from now on, even when the answer to the send is lost.
    queue.poisons.push(poison);
    await queue.send(poison);
  }
}

function kafkaOf({ kafka }: FaultWorld): RunKafka {
  if (kafka === undefined) throw new Error('this fault needs --events=kafka');
  return kafka;
}
