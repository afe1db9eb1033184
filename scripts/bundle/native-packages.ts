import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages with compiled parts, which no bundler can include. */
const native = ['sharp'];

/**
 * Compiled packages that the app depends on, with their own dependencies, as far as the architecture of
 * `packages` has them.
 */
export function nativePackages(top: string, packages: string): string[] {
  const { dependencies = {} } = manifest(top);
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name) || !existsSync(join(packages, name, 'package.json'))) return;
    found.add(name);
    const own = manifest(join(packages, name));
    for (const needed of Object.keys({ ...own.dependencies, ...own.optionalDependencies })) add(needed);
  };
  for (const name of native.filter((name) => name in dependencies)) add(name);
  return [...found].toSorted();
}

function manifest(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}
