import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasDebianTools } from './apt.ts';
import { debianPackages, type UnpackedPackages } from './debian-packages.ts';
import type { Log } from '../processes/log.ts';
import { reasonOf } from '../processes/reason-of.ts';
import { libraryPath } from './library-path.ts';
import { findExecutables, firstExecutable, serverProgram, type ServerProgram } from './server-program.ts';

export type ServerKind = 'mysql' | 'redis';

interface KindDefinition {
  readonly label: string;
  /** Environment variable that names an executable and excludes all others. */
  readonly variable: string;
  readonly executables: readonly string[];
  readonly packages: readonly (readonly string[])[];
  /** Executable paths in the packages, best first. */
  readonly packagePaths: readonly string[];
  readonly install: { readonly debian: string; readonly fedora: string; readonly macos: string };
}

const kinds: Readonly<Record<ServerKind, KindDefinition>> = {
  mysql: {
    label: 'MySQL or MariaDB server',
    variable: 'ROWLOCK_MYSQLD',
    executables: ['mariadbd', 'mysqld'],
    // Order: Debian 12 and later and Ubuntu 23.04 and later; Ubuntu's MySQL; Ubuntu 22.04's MariaDB.
    packages: [
      ['mariadb-server-core', 'mariadb-client-core'],
      ['mysql-server-core-8.4'],
      ['mysql-server-core'],
      ['mysql-server-core-8.0'],
      ['mariadb-server-core-10.6', 'mariadb-client-core-10.6'],
    ],
    packagePaths: ['usr/sbin/mariadbd', 'usr/sbin/mysqld'],
    install: {
      debian: 'sudo apt-get install mariadb-server',
      fedora: 'sudo dnf install mariadb-server',
      macos: 'brew install mariadb',
    },
  },
  redis: {
    label: 'Redis or Valkey server',
    variable: 'ROWLOCK_REDIS_SERVER',
    executables: ['redis-server', 'valkey-server'],
    packages: [
      ['redis-server', 'redis-tools'],
      ['valkey-server', 'valkey-tools'],
    ],
    packagePaths: ['usr/bin/redis-server', 'usr/bin/valkey-server'],
    install: {
      debian: 'sudo apt-get install redis-server',
      fedora: 'sudo dnf install valkey',
      macos: 'brew install redis',
    },
  },
};

/**
 * Programs on this machine, best first: the one named by ROWLOCK_MYSQLD or ROWLOCK_REDIS_SERVER (and then no
 * other), else those in PATH and the usual folders. Leaves out, with a log line, programs that do not run or
 * are too old.
 */
export async function installedPrograms(kind: ServerKind, log: Log): Promise<ServerProgram[]> {
  const { variable, executables } = kinds[kind];
  const named = process.env[variable];
  if (named !== undefined && named !== '')
    return [await serverProgram({ command: [named], origin: `${named}, named by ${variable}` })];
  const programs: ServerProgram[] = [];
  for (const path of await findExecutables(executables)) {
    try {
      programs.push(await serverProgram({ command: [path], origin: `found on this machine: ${path}` }));
    } catch (error) {
      log(`not used: ${reasonOf(error)}`);
    }
  }
  return programs;
}

/** The program from Debian's or Ubuntu's packages, unpacked in the cache. Throws with the reason. */
export async function packagedProgram(kind: ServerKind, cacheDir: string, log: Log): Promise<ServerProgram> {
  if (!(await hasDebianTools())) throw new Error('apt-get and dpkg-deb are missing');
  const alternatives = kinds[kind].packages;
  const unpacked = await debianPackages({ cacheDir, alternatives, log });
  try {
    return await programIn(unpacked, kind);
  } catch (error) {
    // An incomplete cache, or one from a machine with more libraries: unpack again, once.
    log(`unpacking again: ${reasonOf(error)}`);
    await rm(unpacked.root, { recursive: true, force: true });
    return programIn(await debianPackages({ cacheDir, alternatives, log }), kind);
  }
}

async function programIn(unpacked: UnpackedPackages, kind: ServerKind): Promise<ServerProgram> {
  const { packagePaths } = kinds[kind];
  const command = await firstExecutable(packagePaths.map((path) => join(unpacked.root, path)));
  if (command === undefined) throw new Error(`${unpacked.label} holds none of ${packagePaths.join(', ')}`);
  return serverProgram({
    command: [command],
    env: { LD_LIBRARY_PATH: await libraryPath(unpacked.root) },
    unpackedRoot: unpacked.root,
    origin: `Debian package ${unpacked.label}, unpacked in the cache`,
  });
}

/** Instructions to install a server by hand, one line per system. */
export function installLines(kind: ServerKind): string {
  const { label, variable, install } = kinds[kind];
  return [
    `No ${label} could be started. Install one and run the command again:`,
    `  Debian, Ubuntu: ${install.debian}`,
    `  Fedora:         ${install.fedora}`,
    `  macOS:          ${install.macos}`,
    `or name an executable with ${variable}.`,
  ].join('\n');
}
