import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POLL_MS = 50;

/**
 * Stops the process that an earlier run left, named in its pid file. Stops it only if its command line
 * contains the marker: the pid may belong to another process by now. Returns the pid that was stopped.
 */
export async function stopLeftover(pidFile: string, timeoutMs = 20_000): Promise<number | undefined> {
  const entry = await readPidFile(pidFile);
  if (entry === undefined) return undefined;
  const isOurs = await isRunning(entry.pid, entry.marker);
  if (isOurs) {
    signal(entry.pid, 'SIGTERM');
    if (!(await isGone(entry, timeoutMs))) {
      signal(entry.pid, 'SIGKILL');
      await isGone(entry, 5_000);
    }
  }
  await rm(pidFile, { force: true });
  return isOurs ? entry.pid : undefined;
}

/** True if the process runs and its command line contains the marker. */
export async function isRunning(pid: number, marker: string): Promise<boolean> {
  const line = await commandLine(pid);
  return line !== undefined && line.includes(marker);
}

export interface PidEntry {
  readonly pid: number;
  readonly marker: string;
}

/** Content of a pid file; undefined if it is missing or unreadable. */
export async function readPidFile(pidFile: string): Promise<PidEntry | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(pidFile, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    if (!('pid' in parsed) || !('marker' in parsed)) return undefined;
    const { pid, marker } = parsed;
    if (typeof pid !== 'number' || typeof marker !== 'string' || marker === '') return undefined;
    return { pid, marker };
  } catch {
    return undefined;
  }
}

async function commandLine(pid: number): Promise<string | undefined> {
  try {
    const raw = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    // Empty for a zombie, which counts as gone.
    return raw === '' ? undefined : raw.replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux') return undefined;
    return run('ps', ['-ww', '-o', 'command=', '-p', `${pid}`], { timeout: 5_000 }).then(
      ({ stdout }) => stdout.trim() || undefined,
      () => undefined,
    );
  }
}

async function isGone(entry: PidEntry, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isRunning(entry.pid, entry.marker)) {
    if (Date.now() > deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process ended between the check and the signal.
  }
}
