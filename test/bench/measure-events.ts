import { setTimeout as delay } from 'node:timers/promises';
import { emulatorCredentials } from '../../localstack/aws/provision.ts';
import type { KafkaServer } from '../../localstack/kafka/start-kafka-server.ts';
import { provisionTopics } from '../../localstack/kafka/provision-topics.ts';
import { newUuid } from '../../app/platform/uuid.ts';
import type { Cell, EventsCell } from './bench-plan.ts';
import type { BenchServers } from './bench-servers.ts';
import type { CellResult } from './cell-result.ts';
import { cpuTimeMs, machineCpuTimeMs } from './cpu-time.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import type { EventMover, Moved } from './servers/event-mover.ts';

export interface MeasureEventsOptions {
  readonly cell: Cell & EventsCell;
  readonly round: number;
  readonly servers: BenchServers;
  readonly kafka: KafkaServer | undefined;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

const WARM_UP_MS = 2000;
const MEASURE_MS = 3000;
/** Makes a topic hold more events than a consumer receives meanwhile. */
const FILLED = 300_000;
const FILL_MS_MAX = 60_000;
const POLL_MS = 100;

/** Counts what one process sends to or receives from a transport, and its CPU time per event. */
export async function measureEvents(options: MeasureEventsOptions): Promise<CellResult> {
  const { cell, round, servers, kafka, workDir, signal } = options;
  const isKafka = cell.transport === 'kafka';
  const place = isKafka ? await newTopic(kafka) : queueOf(servers);
  const move = (direction: EventMover['direction']) => startMover({ direction, ...place }, workDir);
  if (isKafka && cell.direction === 'receive') await fill(await move('send'), signal);
  const mover = await move(cell.direction);
  const broker = isKafka ? kafka?.nodes[0]?.pid() : servers.queue.pid;
  const read = async () => ({
    ...(await movedBy(mover)),
    atMs: performance.now(),
    brokerMs: (broker === undefined ? undefined : cpuTimeMs([broker])) ?? 0,
    machineMs: machineCpuTimeMs() ?? 0,
  });
  try {
    await delay(WARM_UP_MS, undefined, { signal });
    const before = await read();
    await delay(MEASURE_MS, undefined, { signal });
    const after = await read();
    const events = after.events - before.events;
    if (events === 0) throw new Error(`${cell.name}: no event moved`);
    const measuredMs = after.atMs - before.atMs;
    const cpuMs = (after.cpuUs - before.cpuUs) / 1000;
    const brokerMs = after.brokerMs - before.brokerMs;
    const othersMs = after.machineMs - before.machineMs - cpuMs - brokerMs;
    return {
      cell: cell.name,
      round: round + 1,
      ratePerS: (events * 1000) / measuredMs,
      cpuUs: {
        application: (cpuMs * 1000) / events,
        database: 0,
        redis: 0,
        queue: (brokerMs * 1000) / events,
        load: 0,
      },
      othersCores: Math.max(0, othersMs / measuredMs),
      statuses: {},
    };
  } finally {
    await mover.stop();
  }
}

function queueOf({ queue }: BenchServers): Pick<EventMover, 'sqs'> {
  return { sqs: { endpoint: queue.url, queueUrl: `${queue.url}/000000000000/OrderCompleted` } };
}

async function newTopic(kafka: KafkaServer | undefined): Promise<Required<Pick<EventMover, 'kafka'>>> {
  if (kafka === undefined) throw new Error('this measurement needs Kafka');
  const { brokers } = kafka;
  const topic = newUuid();
  const names = { topic, deadLetterTopic: `${topic}.dead-letter` };
  return { kafka: { brokers, ...(await provisionTopics({ brokers, names })) } };
}

function startMover(mover: EventMover, workDir: string): Promise<ServerProcess> {
  return startServerProcess({
    entry: 'test/bench/servers/event-mover.ts',
    name: 'event mover',
    workDir,
    env: {
      EVENT_MOVER: JSON.stringify(mover),
      AWS_ACCESS_KEY_ID: emulatorCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: emulatorCredentials.secretAccessKey,
    },
  });
}

async function fill(sender: ServerProcess, signal: AbortSignal): Promise<void> {
  const deadlineMs = performance.now() + FILL_MS_MAX;
  try {
    while ((await movedBy(sender)).events < FILLED && performance.now() < deadlineMs)
      await delay(POLL_MS, undefined, { signal });
  } finally {
    await sender.stop();
  }
}

async function movedBy({ url }: ServerProcess): Promise<Moved> {
  const response = await fetch(`${url}/moved`, { signal: AbortSignal.timeout(5000) });
  return (await response.json()) as Moved;
}
