import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectDirs } from './project-dirs.ts';
import type { FaultRun, FaultRunOptions } from './run-faults.ts';
import { clockShortOfMidnight, type ShiftedClock } from './shifted-clock.ts';

/** Far above the duration of a run; a run that hangs is killed and counts as failed. */
const RUN_MAX_MS = 400_000;
const program = join(import.meta.dirname, 'run-seed.ts');

export type SpawnOptions = Omit<FaultRunOptions, 'clock'> & {
  /** Midnight UTC passes while customers order. */
  readonly midnight?: boolean;
};

/** Resolves with the run, or with the reason why there is none. */
export async function spawnRun(
  { midnight, ...given }: SpawnOptions,
  signal: AbortSignal,
): Promise<FaultRun | string> {
  let clock: ShiftedClock | undefined;
  try {
    if (midnight === true) clock = await clockShortOfMidnight(projectDirs.cacheDir);
  } catch (error) {
    return `the clocks cannot be shifted here: ${String(error)}`;
  }
  const options: FaultRunOptions = { ...given, ...(clock && { clock }) };
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    env: { ...process.env, ...clock },
    // The run's processes are in its group and end with it. Its servers have their own groups and end when
    // the run has ended.
    detached: true,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let run: FaultRun | undefined;
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4000);
  });
  child.on('message', (message) => {
    run = message as FaultRun;
  });
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group has already ended.
    }
  };
  const timer = setTimeout(end, RUN_MAX_MS);
  signal.addEventListener('abort', end);
  return new Promise((resolve) => {
    child.once('close', (code, name) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      end();
      // On the first line, because a list of runs shows no more.
      const error = /^.*Error.*$/m.exec(errors)?.[0].trim() ?? 'without an error';
      resolve(run ?? `the run ended with ${name ?? `code ${code}`} and no result: ${error}\n${errors}`);
    });
  });
}
