import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit, PlantedBug } from './planted-bug.ts';

/** Files that a process of the app needs besides its packages, which are linked. */
const COPIED = ['app', 'lib', 'package.json'];

/**
 * Copies the app with a bug in it into a folder that git ignores. Throws when an edit does not match exactly
 * once: the app has changed, and the bug must be adapted.
 */
export function plantBug(
  bug: PlantedBug,
  top: string,
): { readonly appDir: string; readonly remove: () => void } {
  const appDir = join(top, '.local/planted', `${bug.name}-${process.pid}`);
  const remove = () => rmSync(appDir, { recursive: true, force: true });
  remove();
  mkdirSync(appDir, { recursive: true });
  for (const name of COPIED) cpSync(join(top, name), join(appDir, name), { recursive: true });
  symlinkSync(join(top, 'node_modules'), join(appDir, 'node_modules'));
  for (const [file, text] of plantedSources(bug, (path) => readFileSync(join(top, path), 'utf8'))) {
    writeFileSync(join(appDir, file), text);
  }
  return { appDir, remove };
}

/** The files that a bug changes, with the bug applied. */
export function plantedSources(bug: PlantedBug, read: (file: string) => string): Map<string, string> {
  const sources = new Map<string, string>();
  for (const edit of bug.edits)
    sources.set(edit.file, applied(edit, sources.get(edit.file) ?? read(edit.file), bug));
  return sources;
}

function applied({ file, find, replace }: Edit, text: string, { name }: PlantedBug): string {
  const parts = text.split(find);
  if (parts.length !== 2) throw new Error(`${name}: ${parts.length - 1} places in ${file} are\n${find}`);
  return parts.join(replace);
}
