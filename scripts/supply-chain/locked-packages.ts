import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package in the lock file. */
export interface LockedPackage {
  /** Path from the top: `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string | undefined;
  readonly integrity: string | undefined;
  /** Part of another package's archive, whose hash covers it. */
  readonly isBundled: boolean;
  /** Installed only on some machines. */
  readonly isOptional: boolean;
  /** A tool that no instance runs. */
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

/** All packages of package-lock.json, in its order. Throws unless the lock file has version 3. */
export function lockedPackages(top: string): LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(top, 'package-lock.json'), 'utf8')) as {
    readonly lockfileVersion: number;
    readonly packages: Readonly<Record<string, Entry>>;
  };
  if (lock.lockfileVersion !== 3) throw new Error(`the lock file has version ${lock.lockfileVersion}, not 3`);
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
