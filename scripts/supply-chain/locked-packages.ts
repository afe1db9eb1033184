import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package as the lock file has it. */
export interface LockedPackage {
  /** Where it is installed, from the top: `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string | undefined;
  readonly integrity: string | undefined;
  /** Comes inside of another package's archive, whose hash covers it. */
  readonly isBundled: boolean;
  /** Only for some machines. */
  readonly isOptional: boolean;
  /** Tools that no instance runs. */
  readonly isDevelopment: boolean;
}

interface Entry {
  readonly name?: string;
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

/** All packages of package-lock.json, in its order. Throws for a lock file of another version than 3. */
export function lockedPackages(top: string): LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
    readonly lockfileVersion: number;
    readonly packages: Readonly<Record<string, Entry>>;
  };
  if (lock.lockfileVersion !== 3) throw new Error(`a lock file of version ${lock.lockfileVersion}`);
  return Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, entry]) => ({
      path,
      name: entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version,
      license: entry.license,
      integrity: entry.integrity,
      isBundled: entry.inBundle === true,
      isOptional: entry.optional === true || entry.devOptional === true,
      isDevelopment: entry.dev === true || entry.devOptional === true,
    }));
}
