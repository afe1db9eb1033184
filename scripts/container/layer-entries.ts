import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A file, folder or link in a layer. Owner is root and the time is zero. */
export type LayerEntry =
  | { readonly type: 'directory'; readonly name: string; readonly mode: number }
  | { readonly type: 'symlink'; readonly name: string; readonly target: string }
  | { readonly type: 'file'; readonly name: string; readonly mode: number; readonly content: FileContent };

/** A file on disk, or its bytes. */
export type FileContent = { readonly path: string } | { readonly bytes: Buffer };

const EXECUTABLE = 0o111;

/**
 * All that is below a folder, as entries below `prefix` (empty for the root), in byte order and parents
 * first. Of the rights only the executable bit counts. Links stay links.
 */
export function treeEntries(directory: string, prefix: string, below = ''): LayerEntry[] {
  return readdirSync(join(directory, below))
    .toSorted()
    .flatMap((file): LayerEntry[] => {
      const relative = below === '' ? file : `${below}/${file}`;
      const path = join(directory, relative);
      const name = prefix === '' ? relative : `${prefix}/${relative}`;
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return [{ type: 'symlink', name, target: readlinkSync(path) }];
      if (stat.isDirectory())
        return [{ type: 'directory', name, mode: 0o755 }, ...treeEntries(directory, prefix, relative)];
      return [
        { type: 'file', name, mode: (stat.mode & EXECUTABLE) === 0 ? 0o644 : 0o755, content: { path } },
      ];
    });
}

/** The folders above a path, such as `opt` and `opt/rowlock`. */
export function parentEntries(path: string): LayerEntry[] {
  const parts = path.split('/');
  return parts.map((_, index) => ({
    type: 'directory',
    name: parts.slice(0, index + 1).join('/'),
    mode: 0o755,
  }));
}
