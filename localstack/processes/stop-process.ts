import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

const KILL_TIMEOUT_MS = 5_000;

/** Sends SIGTERM, then SIGKILL if the child still runs after `timeoutMs`. Resolves when it has ended. */
export async function stopProcess(
  child: ChildProcess,
  exited: Promise<unknown>,
  timeoutMs: number,
): Promise<void> {
  child.kill('SIGTERM');
  if (await endsWithin(exited, timeoutMs)) return;
  child.kill('SIGKILL');
  await endsWithin(exited, KILL_TIMEOUT_MS);
}

async function endsWithin(exited: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const ended = await Promise.race([
    exited.then(() => true),
    delay(timeoutMs, false, { signal: timer.signal }).catch(() => false),
  ]);
  timer.abort();
  return ended;
}
