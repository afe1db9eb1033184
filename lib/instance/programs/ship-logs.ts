/**
 * Sends the journal of the rowlock units to CloudWatch Logs, where embedded metrics in it become metrics. It
 * remembers the last line that CloudWatch has taken, so that a restart leaves none out; a line may come twice.
 */
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { eventLine } from './event-line.ts';
import { instanceMetadata } from './instance-metadata.ts';
import { clientLimits, ownSettings } from './own-settings.ts';

/** Quotas of PutLogEvents: 10,000 events and 1 MiB, 26 bytes of them for every event. */
const BATCH_EVENTS_MAX = 1000;
const BATCH_BYTES_MAX = 900_000;
const EVENT_OVERHEAD_BYTES = 26;
/** A quarter of the quota of one event. */
const MESSAGE_BYTES_MAX = 65_536;
/** Lines held in memory; journald keeps the rest. */
const WAITING_MAX = 5000;
const FLUSH_MS = 1000;
const RETRY_MAX_MS = 30_000;

interface Line {
  readonly timestamp: number;
  readonly message: string;
  readonly cursor: string;
}

const settings = ownSettings(process.env);
const { region, logGroup: logGroupName } = settings;
const stateFile = join(process.env['STATE_DIRECTORY'] ?? '/var/lib/rowlock-logs', 'cursor');
const client = new CloudWatchLogsClient({ region, ...clientLimits });
const logStreamName = (await instanceMetadata('instance-id', process.env)) ?? 'unknown';
await createStream();

const waiting: Line[] = [];
const cursor = lastCursor();
const journal = spawn(
  'journalctl',
  [
    '--follow',
    '--output=json',
    '--unit=rowlock-*',
    ...(cursor === undefined ? ['--boot', '--lines=all'] : [`--after-cursor=${cursor}`]),
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const isRunning = () => journal.exitCode === null && journal.signalCode === null;
const lines = createInterface({ input: journal.stdout });
lines.on('line', (text) => {
  const line = parsed(text);
  if (line !== undefined) waiting.push(line);
  if (waiting.length >= WAITING_MAX) journal.stdout.pause();
});
process.once('SIGTERM', () => journal.kill());

while (isRunning() || waiting.length > 0) {
  await pause(FLUSH_MS);
  while (waiting.length > 0) await send(nextBatch());
  journal.stdout.resume();
}

function parsed(text: string): Line | undefined {
  const entry = JSON.parse(text) as Record<string, unknown>;
  // The journal gives what is no UTF-8 as an array of bytes.
  const raw = entry['MESSAGE'];
  const message = Array.isArray(raw) ? Buffer.from(raw as number[]).toString() : raw;
  if (typeof message !== 'string' || message === '') return undefined;
  return {
    timestamp: Math.floor(Number(entry['__REALTIME_TIMESTAMP']) / 1000),
    message: message.length > MESSAGE_BYTES_MAX ? message.slice(0, MESSAGE_BYTES_MAX / 4) : message,
    cursor: String(entry['__CURSOR']),
  };
}

function nextBatch(): Line[] {
  let bytes = 0;
  let count = 0;
  for (const { message } of waiting.slice(0, BATCH_EVENTS_MAX)) {
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    if (bytes > BATCH_BYTES_MAX) break;
    count += 1;
  }
  return waiting.slice(0, Math.max(1, count));
}

/** Until it is taken: what waits meanwhile stays in the journal. */
async function send(batch: readonly Line[]): Promise<void> {
  const logEvents = batch
    .map(({ timestamp, message }) => ({ timestamp, message }))
    .toSorted((a, b) => a.timestamp - b.timestamp);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      break;
    } catch (error) {
      // Into the journal as well, and so, later, to CloudWatch.
      eventLine('log_not_taken', { attempt, error });
      await pause(Math.min(FLUSH_MS * 2 ** attempt, RETRY_MAX_MS));
    }
  }
  waiting.splice(0, batch.length);
  const last = batch.at(-1);
  if (last === undefined) return;
  writeFileSync(`${stateFile}.new`, last.cursor);
  renameSync(`${stateFile}.new`, stateFile);
}

async function createStream(): Promise<void> {
  try {
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceAlreadyExistsException') throw error;
  }
}

function lastCursor(): string | undefined {
  try {
    return readFileSync(stateFile, 'utf8');
  } catch {
    return undefined;
  }
}
