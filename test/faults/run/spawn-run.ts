import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { FaultRun, FaultRunOptions } from './run-faults.ts';

/** Far above the duration of a run; a run that hangs is killed and counts as failed. */
const RUN_MAX_MS = 400_000;
const program = join(import.meta.dirname, 'run-seed.ts');

/** Resolves with the run, or with the reason why there is none. */
export function spawnRun(options: FaultRunOptions, signal: AbortSignal): Promise<FaultRun | string> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
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
