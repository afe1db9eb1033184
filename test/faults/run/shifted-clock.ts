import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { debianPackages } from '../../../localstack/programs/debian-packages.ts';
import { libraryPath } from '../../../localstack/programs/library-path.ts';

/** Variables of a process whose wall clock is ahead. Timers and the monotonic clock are as they were. */
export type ShiftedClock = Readonly<Record<string, string>>;

const DAY_MS = 86_400_000;
/** Servers and processes start in a third of it, on a machine that nothing else uses. */
const UNTIL_MIDNIGHT_MS = 40_000;
/** Load before midnight; the load after it lasts somewhat longer. */
const LOAD_BEFORE_MS = 4000;

/**
 * A clock that is 40 s short of midnight UTC now. Uses libfaketime, from Debian's package in the cache.
 * Throws with the reason where that is unavailable.
 */
export async function clockShortOfMidnight(cacheDir: string): Promise<ShiftedClock> {
  const { root } = await debianPackages({ cacheDir, alternatives: [['libfaketime']], log: () => undefined });
  const folders = (await libraryPath(root)).split(':');
  const files = folders.map((folder) => join(folder, 'faketime/libfaketimeMT.so.1'));
  const found = await Promise.allSettled(files.map((file) => access(file).then(() => file)));
  const library = found.find((each) => each.status === 'fulfilled')?.value;
  if (library === undefined) throw new Error(`libfaketime has no library in ${root}`);
  const offsetMs = DAY_MS - ((Date.now() + UNTIL_MIDNIGHT_MS) % DAY_MS);
  return {
    LD_PRELOAD: library,
    FAKETIME: `+${(offsetMs / 1000).toFixed(3)}s`,
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  };
}

/** Resolves 4 s before midnight UTC by this process's clock, or at once if midnight is nearer or past. */
export async function untilShortlyBeforeMidnight(): Promise<void> {
  const leftMs = DAY_MS - (Date.now() % DAY_MS) - LOAD_BEFORE_MS;
  if (leftMs > 0 && leftMs < UNTIL_MIDNIGHT_MS) await delay(leftMs);
}
