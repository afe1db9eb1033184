/**
 * Sends the journal of the rowlock units to CloudWatch Logs, which extracts the embedded metrics. It
 * remembers the last line that CloudWatch accepted, so a restart skips no line; a line may be sent twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { instanceMetadata } from './instance-metadata.ts';
import { type JournalLine, journalLine } from './journal-line.ts';
import { logStream } from './log-stream.ts';
import { clientLimits, ownSettings } from './own-settings.ts';
import { reportInstance } from './report-instance.ts';

/** Bytes of lines held in memory; journald keeps the rest. */
const WAITING_BYTES_MAX = 4_000_000;
const FLUSH_MS = 1000;

const { region, logGroup: logGroupName } = ownSettings(process.env);
const stateFile = join(process.env['STATE_DIRECTORY'] ?? '/var/lib/rowlock-logs', 'cursor');
// Full names, because journalctl expands a pattern only once, to the units that are in the journal when it
// starts.
const units = readdirSync(join(import.meta.dirname, 'units')).map((unit) => `--unit=${unit}`);
const stream = logStream({
  client: new CloudWatchLogsClient({ region, ...clientLimits }),
  logGroupName,
  logStreamName: (await instanceMetadata('instance-id', process.env)) ?? 'unknown',
});

const waiting: JournalLine[] = [];
let waitingBytes = 0;
let shippedCursor = lastCursor();

reportInstance(logGroupName);
const following = readJournal(['--follow']);
let isStopping = false;
process.once('SIGTERM', () => {
  isStopping = true;
  following.kill();
});
await shipWhile(following);
if (isStopping) {
  // Read the last lines of the units, which the following journalctl may not have reached.
  await shipWhile(readJournal([]));
} else {
  // systemd restarts this program, which continues from the cursor.
  process.exitCode = 1;
}

/** Starts journalctl after the last accepted line, or at the boot, and adds its lines to `waiting`. */
function readJournal(mode: readonly string[]): ChildProcess {
  const after = shippedCursor;
  const journal = spawn(
    'journalctl',
    [
      ...mode,
      '--quiet',
      '--output=json',
      // Without --all, a field above 4 KB is null. Without --no-tail, --follow starts with the last ten
      // lines, or stops after ten until the next one is written.
      '--all',
      '--no-tail',
      '--output-fields=MESSAGE',
      ...units,
      // --after-cursor would skip one more line if the journal has dropped the line of the cursor.
      ...(after === undefined ? ['--boot'] : [`--cursor=${after}`]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: journal.stdout });
  lines.on('line', (text) => {
    const line = journalLine(text);
    if (line === undefined || line.cursor === after) return;
    waiting.push(line);
    waitingBytes += line.bytes;
    if (waitingBytes >= WAITING_BYTES_MAX) journal.stdout.pause();
  });
  return journal;
}

/** Ships lines until journalctl has ended and CloudWatch has accepted all of them. */
async function shipWhile(journal: ChildProcess): Promise<void> {
  const closed = once(journal, 'close').then(() => 'closed' as const);
  for (let state: 'closed' | undefined; state === undefined; ) {
    state = await Promise.race([closed, pause(FLUSH_MS, undefined)]);
    while (waiting.length > 0) await shipBatch();
    journal.stdout?.resume();
  }
}

async function shipBatch(): Promise<void> {
  const batch = stream.nextBatch(waiting);
  await stream.send(batch);
  waiting.splice(0, batch.length);
  for (const { bytes } of batch) waitingBytes -= bytes;
  shippedCursor = batch.at(-1)?.cursor ?? shippedCursor;
  writeFileSync(`${stateFile}.new`, shippedCursor ?? '');
  renameSync(`${stateFile}.new`, stateFile);
}

/** The saved cursor; undefined if there is none or journalctl would reject it. */
function lastCursor(): string | undefined {
  try {
    const cursor = readFileSync(stateFile, 'utf8');
    return /^s=[0-9a-f]+;i=/.test(cursor) ? cursor : undefined;
  } catch {
    return undefined;
  }
}
