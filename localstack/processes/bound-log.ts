import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { copyFile, rename, stat } from 'node:fs/promises';

/** A log is cut at this size: half an hour of a busy laptop, and quick to copy. */
export const LOG_MAX_BYTES = 16 * 1024 * 1024;
/** Cut parts that stay, as NAME.1 (the newest) and NAME.2. */
export const LOG_PARTS_KEPT = 2;
const LOOK_EVERY_MS = 500;

export interface BoundedLog {
  /** Ends the looks. Resolves when none is under way. */
  stop(): Promise<void>;
}

/**
 * Keeps the log of another process bounded: at most (1 + LOG_PARTS_KEPT) × LOG_MAX_BYTES, and what arrives between two
 * looks. The writer must have opened the file for appending, because the file is copied and then emptied in place: the
 * writer does not notice. Lines written in the microseconds between the last copy and the emptying are lost.
 */
export function boundLog(file: string, onCut: () => void): BoundedLog {
  let look: Promise<void> = Promise.resolve();
  let isLooking = false;
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    // A full disk or a deleted folder: the next look tries again.
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

/** Moves the content of a log that has reached its size to NAME.1. */
export async function cutLog(file: string, onCut: () => void = () => undefined): Promise<void> {
  if ((await sizeOf(file)) < LOG_MAX_BYTES) return;
  for (let part = LOG_PARTS_KEPT; part > 1; part--)
    await rename(`${file}.${part - 1}`, `${file}.${part}`).catch(() => undefined);
  await copyFile(file, `${file}.1`);
  moveRest(file, `${file}.1`, await sizeOf(`${file}.1`));
  onCut();
}

/** Appends what was written while the copy was made, and empties the file at once: nothing may wait in between. */
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

/** Bytes of a file; 0 where there is none. */
export async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
