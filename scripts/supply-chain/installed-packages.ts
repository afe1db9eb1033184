import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface InstalledPackage {
  /** Path from the top: `node_modules/a/node_modules/b`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** Licence that the package's own package.json states. */
  readonly license: string | undefined;
}

/** Every package below node_modules, nested ones included, as its own package.json describes it. */
export function installedPackages(top: string, folder = 'node_modules'): InstalledPackage[] {
  return packageFolders(top, folder).flatMap((path) => {
    const file = join(top, path, 'package.json');
    const inside = existsSync(join(top, path, 'node_modules'))
      ? installedPackages(top, `${path}/node_modules`)
      : [];
    if (!existsSync(file)) return inside;
    const { name, version, license, licenses } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly name: string;
      readonly version: string;
      readonly license?: string | { readonly type: string };
      readonly licenses?: readonly { readonly type: string }[];
    };
    const said = typeof license === 'object' ? license.type : license;
    const older = licenses?.map(({ type }) => type).join(' OR ');
    return [{ path, name, version, license: said ?? older }, ...inside];
  });
}

/** `node_modules/a` and `node_modules/@scope/b`, but no links to programs and not npm's own file. */
function packageFolders(top: string, folder: string): string[] {
  return readdirSync(join(top, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@')
        ? readdirSync(join(top, folder, name)).map((inner) => `${folder}/${name}/${inner}`)
        : [`${folder}/${name}`],
    );
}
