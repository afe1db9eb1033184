import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Polls until `isDone` says so. Throws with `what` when the time is over. */
export async function within(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const lastMs = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    if (performance.now() > lastMs) throw new Error(`waited ${timeoutMs / 1000} s for: ${what}`);
    await delay(POLL_MS);
  }
}
