import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type ServerEngine, versionProblem } from '../../app/platform/server-requirements.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 10_000;

/** A server executable with everything it needs. */
export interface ServerProgram {
  readonly engine: ServerEngine;
  readonly version: string;
  /** Executable and the arguments that precede all others. */
  readonly command: readonly string[];
  /** Added to the child's environment, such as LD_LIBRARY_PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Root of unpacked packages; undefined for an installed program. */
  readonly unpackedRoot?: string | undefined;
  /** Origin, for messages. */
  readonly origin: string;
}

export interface ProgramCandidate {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly unpackedRoot?: string | undefined;
  readonly origin: string;
}

/** Runs the program with --version. Throws with the reason if it fails or is too old. */
export async function serverProgram(candidate: ProgramCandidate): Promise<ServerProgram> {
  const [executable, ...first] = candidate.command;
  const name = candidate.command.join(' ');
  if (executable === undefined) throw new Error('no command given');
  const env = { ...process.env, ...candidate.env };
  const { stdout } = await run(executable, [...first, '--version'], {
    env,
    timeout: VERSION_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw new Error(`${name} does not run: ${firstLine(error)}`, { cause: error });
  });
  const { engine, version } = parseServerVersion(stdout);
  const problem = versionProblem(engine, version);
  if (problem !== undefined) throw new Error(`${name}: ${problem}`);
  return {
    engine,
    version,
    command: candidate.command,
    env: candidate.env ?? {},
    unpackedRoot: candidate.unpackedRoot,
    origin: candidate.origin,
  };
}

/** Parses the output of `--version`. Throws unless it is one of the four engines. */
function parseServerVersion(output: string): { engine: ServerEngine; version: string } {
  const redis = /^(Redis|Valkey) server v=(\d+\.\d+\.\d+)/m.exec(output);
  if (redis !== null) return { engine: redis[1] === 'Valkey' ? 'Valkey' : 'Redis', version: redis[2] ?? '' };
  const mysql = /Ver (\d+\.\d+\.\d+)(\S*)/.exec(output);
  if (mysql === null) throw new Error(`unknown server: ${output.trim().slice(0, 120)}`);
  const isMariaDb = `${mysql[2]}`.includes('MariaDB');
  return { engine: isMariaDb ? 'MariaDB' : 'MySQL', version: mysql[1] ?? '' };
}

/** Paths of executables with these names in PATH and the usual server folders, without duplicates. */
export async function findExecutables(names: readonly string[]): Promise<string[]> {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/libexec',
    '/usr/local/mysql/bin',
    '/opt/homebrew/bin',
    '/opt/homebrew/opt/mysql@8.4/bin',
    '/usr/local/opt/mysql@8.4/bin',
  ].filter((folder) => folder !== '');
  const found = new Set<string>();
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) found.add(path);
    }
  }
  return [...found];
}

/** The first path that is executable. */
export async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isExecutable(path)) return path;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function firstLine(error: unknown): string {
  return (outputOf(error) || reasonOf(error)).split('\n')[0] ?? '';
}
