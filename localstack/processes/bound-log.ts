import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { copyFile, rename, stat } from 'node:fs/promises';

/** Rotation size: half an hour of a busy laptop, and quick to copy. */
export const LOG_MAX_BYTES = 16 * 1024 * 1024;
/** Rotated parts that are kept, as NAME.1 (newest) and NAME.2. */
export const LOG_PARTS_KEPT = 2;
const LOOK_EVERY_MS = 500;

export interface BoundedLog {
  /** Stops the checks. Resolves when none is in progress. */
  stop(): Promise<void>;
}

/**
 * Limits the log of another process to (1 + LOG_PARTS_KEPT) × LOG_MAX_BYTES plus what arrives between two
 * checks. The writer must append: the file is copied and then truncated in place, so the writer notices
 * nothing. Lines written in the microseconds between copy and truncation are lost.
 */
export function boundLog(file: string, onCut: () => void): BoundedLog {
  let look: Promise<void> = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    // A full disk or a deleted folder: retry at the next check.
    look = cutLog(file, onCut)
      .catch(() => undefined)
      .finally(() => {
        isLooking = false;
      });
  }, LOOK_EVERY_MS).unref();
  return {
    async stop() {
      clearInterval(timer);
      await look;
    },
  };
}

/** Moves the content of a log that reached its size to NAME.1. */
export async function cutLog(file: string, onCut: () => void = () => undefined): Promise<void> {
  if ((await sizeOf(file)) < LOG_MAX_BYTES) return;
  for (let part = LOG_PARTS_KEPT; part > 1; part--)
    await rename(`${file}.${part - 1}`, `${file}.${part}`).catch(() => undefined);
  await copyFile(file, `${file}.1`);
  moveRest(file, `${file}.1`, await sizeOf(`${file}.1`));
  onCut();
}

/**
 * Appends what was written during the copy, then truncates the file at once: nothing may happen in between.
 */
function moveRest(file: string, copy: string, copied: number): void {
  const descriptor = openSync(file, 'r+');
  try {
    const rest = Buffer.alloc(fstatSync(descriptor).size - copied);
    readSync(descriptor, rest, 0, rest.length, copied);
    appendFileSync(copy, rest);
    ftruncateSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Size of a file in bytes; 0 if it does not exist. */
export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
