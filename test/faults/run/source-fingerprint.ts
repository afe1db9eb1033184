import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders that determine a run. */
const FOLDERS = ['app', 'lib', 'test/faults', 'test/support'];

/**
 * Identifies the state of the app and of the runs' own code: results of two states do not belong to one
 * campaign.
 */
export function sourceFingerprint(top: string): string {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(top, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(`${relative(top, file)}\n`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}
