import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const watchedFolders = ['app', 'lib', 'localstack', 'scripts', 'test'] as const;
/** Editors keep swap files and backups beside a file. */
const SOURCE_FILE = /\.(ts|js|json|sql|lua|html|css)$/;
/** An editor or git writes several files at once. */
const SETTLE_MS = 100;

/**
 * Resolves with the path of a source file that changed below `top`, or undefined when `signal` aborts. Call
 * it again for each change: on Linux, Node stops watching a file that an editor saves by renaming.
 */
export async function waitForChange(
  top: string,
  signal: AbortSignal,
  folders: readonly string[] = watchedFolders,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener('abort', onAbort);
  const watchers = folders.map((folder) =>
    watch(join(top, folder), { recursive: true }, (_event, name) => {
      if (name !== null && SOURCE_FILE.test(name)) resolve(join(folder, name));
    }),
  );
  // A folder was removed while it was watched.
  for (const watcher of watchers) watcher.on('error', () => undefined);
  try {
    if (signal.aborted) return undefined;
    const changed = await promise;
    if (changed !== undefined) await delay(SETTLE_MS);
    return changed;
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const watcher of watchers) watcher.close();
  }
}
