import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../processes/log.ts';
import { mysqlAccountSql } from './mysql-account.ts';
import { fileSettings, mysqlConfiguration } from './mysql-configuration.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';
import { firstExecutable, type ServerProgram } from '../programs/server-program.ts';

const run = promisify(execFile);
const INITIALISE_TIMEOUT_MS = 120_000;

export interface MysqlDataDirectoryOptions {
  readonly program: ServerProgram;
  readonly dataDir: string;
  readonly cacheDir: string;
  /** Folder with a short path without spaces, for sockets and links. */
  readonly socketDir: string;
  readonly log: Log;
}

/**
 * Ensures an initialised data directory. A fresh one is copied from a template in the cache, created once per
 * engine, version and set of file settings.
 */
export async function mysqlDataDirectory(options: MysqlDataDirectoryOptions): Promise<void> {
  const { program, dataDir } = options;
  if (await exists(join(dataDir, 'mysql'))) return;
  const template = await mysqlTemplate(options);
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dirname(dataDir), { recursive: true });
  // Copy, then rename: an interrupted copy must never look like a database.
  const copy = `${dataDir}.new`;
  await rm(copy, { recursive: true, force: true });
  await cp(template, copy, { recursive: true });
  // MySQL stores the server's identity here and creates a new one if the file is missing.
  if (program.engine === 'MySQL') await rm(join(copy, 'auto.cnf'), { force: true });
  await rename(copy, dataDir);
}

async function mysqlTemplate(options: MysqlDataDirectoryOptions): Promise<string> {
  const { program, cacheDir, log } = options;
  const settings = [...fileSettings(program), mysqlAccountSql, ...program.command].join('\n');
  const key = createHash('sha256').update(settings).digest('hex').slice(0, 12);
  const template = join(cacheDir, 'mysql-templates', `${program.engine}-${program.version}-${key}`);
  if (await exists(join(template, 'mysql'))) return template;
  log(`preparing a ${program.engine} ${program.version} data directory (once)`);
  await mkdir(dirname(template), { recursive: true });
  const work = await mkdtemp(join(dirname(template), 'preparing-'));
  try {
    const fresh = join(work, 'data');
    await initialise(options, work, fresh);
    await rename(fresh, template).catch(async (error: unknown) => {
      if (!(await exists(join(template, 'mysql')))) throw error;
    });
    return template;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function initialise(options: MysqlDataDirectoryOptions, work: string, fresh: string): Promise<void> {
  const { program, socketDir } = options;
  const configurationFile = join(work, 'my.cnf');
  const configuration = { program, dataDir: fresh, socketDir, port: 1, durable: false, bufferPoolMb: 32 };
  await writeFile(configurationFile, mysqlConfiguration(configuration));
  await mkdir(fresh);
  if (program.engine === 'MySQL') await initialiseMysql(program, configurationFile, work);
  else await initialiseMariaDb(program, configurationFile, work, socketDir);
}

async function initialiseMysql(program: ServerProgram, configuration: string, work: string): Promise<void> {
  // --initialize runs the init file once the system tables exist. Root has no password but can log in only
  // through the socket, which is in a folder only this user can open.
  const accounts = join(work, 'accounts.sql');
  await writeFile(accounts, mysqlAccountSql);
  await apply(program, [
    ...program.command,
    `--defaults-file=${configuration}`,
    '--initialize-insecure',
    `--init-file=${accounts}`,
  ]);
}

async function initialiseMariaDb(
  program: ServerProgram,
  configuration: string,
  work: string,
  plainDir: string,
): Promise<void> {
  // The installer is a shell script that splits paths at spaces, so give it links without any.
  const workLink = join(plainDir, 'work');
  const rootLink = join(plainDir, 'root');
  const root = program.unpackedRoot;
  await symlink(work, workLink);
  if (root !== undefined) await symlink(root, rootLink);
  const installer = await mariaDbInstaller(program);
  const base = root === undefined ? [] : [`--basedir=${join(rootLink, 'usr')}`];
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  await apply(program, [
    root === undefined ? installer : join(rootLink, relative(root, installer)),
    `--defaults-file=${join(workLink, basename(configuration))}`,
    ...base,
    ...user,
    `--datadir=${join(workLink, 'data')}`,
    '--skip-test-db',
  ]);
  // Bootstrap mode reads one statement per line from standard input and checks no rights before FLUSH
  // PRIVILEGES.
  const statements = ['FLUSH PRIVILEGES', ...mysqlAccountSql.split('\n')].map((line) =>
    line.replace(/;$/, ''),
  );
  const accounts = join(work, 'accounts.sql');
  await writeFile(
    accounts,
    statements
      .filter((line) => line !== '')
      .map((line) => `${line};\n`)
      .join(''),
  );
  const shell = ['/bin/sh', '-c', 'input=$1; shift; exec "$@" < "$input"', 'bootstrap', accounts];
  await apply(program, [...shell, ...program.command, `--defaults-file=${configuration}`, '--bootstrap']);
}

async function mariaDbInstaller(program: ServerProgram): Promise<string> {
  const server = program.command.at(-1) ?? '';
  const folders = [
    join(dirname(server), '..', 'bin'),
    dirname(server),
    join(dirname(server), '..', 'scripts'),
  ];
  const paths = folders.flatMap((folder) => [
    join(folder, 'mariadb-install-db'),
    join(folder, 'mysql_install_db'),
  ]);
  const found = await firstExecutable(paths);
  if (found === undefined) throw new Error(`mariadb-install-db is missing beside ${server}`);
  return found;
}

async function apply(program: ServerProgram, command: readonly string[]): Promise<void> {
  const [executable, ...args] = command;
  const env = { ...process.env, ...program.env };
  await run(executable ?? '', args, { env, timeout: INITIALISE_TIMEOUT_MS }).catch((error: unknown) => {
    const lines = outputOf(error)
      .split('\n')
      .filter((line) => /error|denied|no space/i.test(line));
    const reason = lines.slice(0, 3).join(' ') || reasonOf(error);
    throw new Error(`${program.engine} could not create its data directory: ${reason}`, { cause: error });
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
