import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRunning, readPidFile } from '../../localstack/processes/stop-leftover.ts';

export interface RunningShop {
  readonly pid: number;
  /** Undefined while the shop is starting. */
  readonly apiUrl: string | undefined;
}

export interface ShopLock {
  /** Lets a second `up` print the shop's address. */
  readonly announce: (apiUrl: string) => Promise<void>;
  readonly release: () => Promise<void>;
}

/**
 * Acquires this clone's lock, or returns its holder. Takes over a lock whose process is gone or is another
 * program by now (its command line lacks `marker`).
 */
export async function shopLock(file: string, marker: string): Promise<ShopLock | RunningShop> {
  await mkdir(dirname(file), { recursive: true });
  // Write to another file first: a half-written lock would look stale to a reader.
  const aside = `${file}.${process.pid}`;
  const writeAside = (apiUrl: string | undefined) =>
    writeFile(aside, JSON.stringify({ pid: process.pid, marker, apiUrl }));
  for (;;) {
    await writeAside(undefined);
    try {
      await link(aside, file);
      return {
        announce: async (apiUrl) => {
          await writeAside(apiUrl);
          await rename(aside, file);
        },
        release: () => rm(file, { force: true }),
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    } finally {
      await rm(aside, { force: true });
    }
    const holder = await readPidFile(file);
    if (holder !== undefined && holder.pid !== process.pid && (await isRunning(holder.pid, marker)))
      return { pid: holder.pid, apiUrl: await announcedUrl(file) };
    await rm(file, { force: true });
  }
}

async function announcedUrl(file: string): Promise<string | undefined> {
  const content = await readFile(file, 'utf8').catch(() => '{}');
  return /"apiUrl":"([^"]+)"/.exec(content)?.[1];
}
