import { setTimeout as pause } from 'node:timers/promises';
import {
  type CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { eventLine } from './event-line.ts';
import type { JournalLine } from './journal-line.ts';

export interface LogStreamOptions {
  readonly client: CloudWatchLogsClient;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export interface LogStream {
  /** The first lines that fit into one call; at least one if the list is not empty. */
  nextBatch(lines: readonly JournalLine[]): readonly JournalLine[];
  /**
   * Resolves once CloudWatch has accepted the batch without the lines that it rejects permanently. Retries
   * forever while CloudWatch is unavailable, throttles or has lost the stream.
   */
  send(batch: readonly JournalLine[]): Promise<void>;
}

/** Quotas of PutLogEvents: 10,000 events, 1 MiB and 24 hours from the first event to the last. */
const BATCH_EVENTS_MAX = 1000;
const BATCH_BYTES_MAX = 900_000;
const BATCH_SPAN_MAX_MS = 23 * 3_600_000;
const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 30_000;
/** Errors that a retry cannot change. */
const refusals = ['InvalidParameterException', 'ValidationException', 'SerializationException'];

/** Writes to one stream of a log group, and creates the stream if it does not exist. */
export function logStream({ client, logGroupName, logStreamName }: LogStreamOptions): LogStream {
  let isThere = false;

  async function put(batch: readonly JournalLine[]): Promise<void> {
    if (!isThere) await createStream();
    const logEvents = batch
      .map(({ timestampMs, message }) => ({ timestamp: timestampMs, message }))
      .toSorted((a, b) => a.timestamp - b.timestamp);
    const { rejectedLogEventsInfo } = await client.send(
      new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }),
    );
    // Lines with a clock that was hours off, or older than the group's retention.
    if (rejectedLogEventsInfo !== undefined) eventLine('log_lines_rejected', { ...rejectedLogEventsInfo });
  }

  async function createStream(): Promise<void> {
    try {
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    } catch (error) {
      if (!hasName(error, 'ResourceAlreadyExistsException')) throw error;
    }
    isThere = true;
  }

  async function send(batch: readonly JournalLine[]): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await put(batch);
      } catch (error) {
        if (refusals.some((name) => hasName(error, name))) return sendInHalves(batch, error);
        // The stream or its group was deleted. The next deployment recreates a group; until then lines wait
        // in the journal.
        if (hasName(error, 'ResourceNotFoundException')) isThere = false;
        // This line is in the journal as well, so it reaches CloudWatch later.
        eventLine('log_not_accepted', { attempt, error });
        await pause(Math.min(RETRY_MIN_MS * 2 ** attempt, RETRY_MAX_MS));
      }
    }
  }

  /** Finds the line that CloudWatch rejects permanently, and skips it. */
  async function sendInHalves(batch: readonly JournalLine[], error: unknown): Promise<void> {
    const [only] = batch;
    if (only === undefined) return;
    if (batch.length === 1) {
      eventLine('log_line_refused', { bytes: only.bytes, cursor: only.cursor, error });
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await send(batch.slice(0, middle));
    await send(batch.slice(middle));
  }

  return { nextBatch, send };
}

function nextBatch(lines: readonly JournalLine[]): readonly JournalLine[] {
  let bytes = 0;
  let count = 0;
  let earliestMs = Number.POSITIVE_INFINITY;
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const line of lines.slice(0, BATCH_EVENTS_MAX)) {
    bytes += line.bytes;
    earliestMs = Math.min(earliestMs, line.timestampMs);
    latestMs = Math.max(latestMs, line.timestampMs);
    if (bytes > BATCH_BYTES_MAX || latestMs - earliestMs > BATCH_SPAN_MAX_MS) break;
    count += 1;
  }
  return lines.slice(0, Math.max(1, count));
}

function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
