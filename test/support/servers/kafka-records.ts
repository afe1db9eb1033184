import { randomBytes } from 'node:crypto';
import { Consumer } from '@platformatic/kafka';
import { until } from '../until.ts';

export interface KafkaRecord {
  readonly key: string;
  readonly body: string;
  readonly partition: number;
  readonly offset: number;
  readonly headers: Readonly<Record<string, string>>;
}

const READ_TIMEOUT_MS = 60_000;

/** Waits for `wanted` records of a topic and returns them in the order of each partition. */
export async function readRecords(
  client: { readonly clientId: string; readonly bootstrapBrokers: string[] },
  topic: string,
  wanted: number,
): Promise<KafkaRecord[]> {
  if (wanted === 0) return [];
  const groupId = `reader-${randomBytes(6).toString('hex')}`;
  const consumer = new Consumer({ ...client, groupId, maxWaitTime: 500 });
  consumer.on('error', () => undefined);
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
  const found: KafkaRecord[] = [];
  stream.on('data', ({ key, value, partition, offset, headers }) =>
    found.push({
      key: key.toString(),
      body: value.toString(),
      partition,
      offset: Number(offset),
      headers: Object.fromEntries([...headers].map(([name, text]) => [name.toString(), text.toString()])),
    }),
  );
  stream.on('error', () => undefined);
  try {
    await until('every record', () => found.length >= wanted, { timeoutMs: READ_TIMEOUT_MS });
  } finally {
    await consumer.close(true);
  }
  return found.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
}
