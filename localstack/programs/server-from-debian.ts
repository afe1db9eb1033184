import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../processes/log.ts';
import { reasonOf } from '../processes/reason-of.ts';
import { hasDebianTools } from './apt.ts';
import { debianPackages } from './debian-packages.ts';
import { type ServerProgram, serverProgram } from './server-program.ts';

interface Recipe {
  readonly label: string;
  readonly origin: string;
  readonly suite: string;
  readonly package: string;
  readonly unused: RegExp;
  readonly unopened: readonly string[];
  /** Name of the wrapper script, which runs the server with the dynamic loader of its own suite. */
  readonly program: string;
  readonly wrapper: string;
}

/** Folder of the wrapper, below the root of the packages. */
const wrapperDir = 'rowlock-bin';

/** Start of every wrapper: sets root, loader and libraries. */
const wrapperHead = `#!/usr/bin/env bash
# Written by Rowlock's localstack/programs/server-from-debian.ts.
set -euo pipefail
root=$(dirname "$(dirname "$(readlink -f "\${BASH_SOURCE[0]}")")")
loader=$(find "$root" -path '*/lib/*-linux-gnu*/ld-linux-*.so.*' -print -quit)
libraries=$(dirname "$loader")
`;

/** Folders that no server opens: 100 MB of MySQL's 270. */
const unopenedEverywhere = [
  'etc',
  'var',
  'usr/include',
  'usr/share/{doc,man,locale,lintian,bug,info}',
  'usr/lib/*-linux-gnu*/{gconv,perl,perl5,perl-base,krb5,sasl2,ossl-modules}',
];

const recipes = {
  // Debian's stable releases have only MariaDB.
  mysql: {
    label: 'MySQL',
    origin: 'Debian unstable',
    suite: 'sid',
    package: 'mysql-server-core',
    // Perl is for scripts beside the server: 10 MB.
    unused: /^(perl|libperl)/,
    unopened: ['usr/bin'],
    program: 'mysqld',
    // The server accepts --no-defaults and its relatives only as the first argument.
    wrapper: `tree=$root/usr
first=()
case \${1:-} in
  --no-defaults | --defaults-file=* | --defaults-extra-file=* | --print-defaults) first=("$1") && shift ;;
esac
exec "$loader" --inhibit-cache --library-path "$libraries" --argv0 "$tree/sbin/mysqld" \\
  "$tree/sbin/mysqld" "\${first[@]}" --basedir="$tree" --plugin-dir="$tree/lib/mysql/plugin" \\
  --lc-messages-dir="$tree/share/mysql" --character-sets-dir="$tree/share/mysql/charsets" "$@"
`,
  },
  // The oldest Redis that the shop runs on.
  redis: {
    label: 'Redis',
    origin: 'Debian 11',
    suite: 'bullseye',
    package: 'redis-server',
    // Needed by installation scripts only.
    unused: /^(perl|libperl|adduser|passwd|debconf|dpkg|lsb-base|init-system|login|libpam|tar$)/,
    unopened: ['sbin'],
    program: 'redis-server',
    wrapper: `exec "$loader" --inhibit-cache --library-path "$libraries:$root/usr/lib/\${libraries##*/}" \\
  "$root/usr/bin/redis-server" "$@"
`,
  },
  // Redis as AWS offers it under another name and price.
  valkey: {
    label: 'Valkey',
    origin: 'Debian unstable',
    suite: 'sid',
    package: 'valkey-server',
    unused: /^(perl|libperl|adduser|passwd|debconf|dpkg|lsb-base|init-system|login|libpam|tar$)/,
    unopened: ['usr/sbin'],
    program: 'valkey-server',
    wrapper: `exec "$loader" --inhibit-cache --library-path "$libraries" "$root/usr/bin/valkey-server" "$@"
`,
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export type DebianServer = keyof typeof recipes;

export const debianServers = Object.keys(recipes) as readonly DebianServer[];

/**
 * MySQL 9, Redis 6.0 or Valkey from another Debian suite, or why it is unavailable here. The server runs with
 * its own libraries and dynamic loader: no root, no chroot, and nothing on the machine changes. The command
 * is one wrapper script that behaves like the server, so ROWLOCK_MYSQLD and ROWLOCK_REDIS_SERVER may name it.
 */
export async function serverFromDebian(
  kind: DebianServer,
  cacheDir: string,
  log: Log,
): Promise<ServerProgram | { readonly unobtainable: string }> {
  const recipe: Recipe = recipes[kind];
  if (!(await hasDebianTools()))
    return { unobtainable: `${recipe.label}: not obtainable: apt-get and dpkg-deb are missing` };
  const unpack = () => unpackServer(recipe, cacheDir, log);
  try {
    const { root } = await unpack();
    try {
      return await wrappedServer(recipe, root);
    } catch (error) {
      // An incomplete cache, or one of another machine: unpack again, once.
      log(`${recipe.label}: unpacking again: ${reasonOf(error)}`);
      await rm(root, { recursive: true, force: true });
      return await wrappedServer(recipe, (await unpack()).root);
    }
  } catch (error) {
    return { unobtainable: `${recipe.label}: not obtainable: ${reasonOf(error)}` };
  }
}

function unpackServer(recipe: Recipe, cacheDir: string, log: Log) {
  return debianPackages({
    cacheDir,
    alternatives: [[recipe.package]],
    log: (line) => log(`${recipe.label}: ${line}`),
    otherSuite: {
      name: recipe.suite,
      unused: recipe.unused,
      unopened: [...recipe.unopened, ...unopenedEverywhere],
      finish: async (root) => {
        const wrapper = join(root, wrapperDir, recipe.program);
        await mkdir(join(root, wrapperDir));
        await writeFile(wrapper, `${wrapperHead}${recipe.wrapper}`);
        await chmod(wrapper, 0o755);
        await wrappedServer(recipe, root);
      },
    },
  });
}

/** Throws if the server does not run. */
function wrappedServer({ origin, program }: Recipe, root: string): Promise<ServerProgram> {
  return serverProgram({ command: [join(root, wrapperDir, program)], origin });
}
