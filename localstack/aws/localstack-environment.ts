import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { outputOf, reasonOf } from '../processes/reason-of.ts';

const run = promisify(execFile);

/**
 * The last release that starts without an account; localstack-requirements.txt and compose.yaml name it too.
 */
export const localstackVersion = '4.14.0';

const requirements = join(import.meta.dirname, 'localstack-requirements.txt');
const cloudFormationRequirements = join(import.meta.dirname, 'localstack-cloudformation-requirements.txt');
// The metadata says 3.10, but the SQS code uses the syntax of 3.12.
const OLDEST_PYTHON_MINOR = 12;
const pythons = ['python3', 'python3.13', 'python3.12', 'python3.14'];
const INSTALL_TIMEOUT_MS = 15 * 60_000;

/**
 * Creates, once, a Python virtual environment with LocalStack in the cache and returns its folder. Throws an
 * Error that begins with `LocalStack: not obtainable`.
 */
export async function localstackEnvironment(
  cacheDir: string,
  log: (line: string) => void,
  { withCloudFormation = false }: { withCloudFormation?: boolean } = {},
): Promise<string> {
  const python = await findPython();
  const files = withCloudFormation ? [requirements, cloudFormationRequirements] : [requirements];
  const key = createHash('sha256');
  for (const file of files) key.update(await readFile(file));
  key.update(python.version);
  const name = `localstack-${localstackVersion}-${process.arch}-${key.digest('hex').slice(0, 12)}`;
  const target = join(cacheDir, name);
  if (await exists(join(target, 'bin', 'python'))) return target;
  log(
    `installing LocalStack ${localstackVersion} from PyPI with Python ${python.version} ` +
      '(about a minute, once)',
  );
  await mkdir(dirname(target), { recursive: true });
  const work = await mkdtemp(`${target}-`);
  try {
    await step([python.command, '-m', 'venv', work], 'no virtual environment could be made');
    const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:'];
    const command = [
      join(work, 'bin', 'python'),
      ...install,
      '--disable-pip-version-check',
      ...files.flatMap((file) => ['-r', file]),
    ];
    await step(command, 'pip could not install it');
    // A concurrent run may have finished first; its result is equivalent. Only bin/python is used, which may
    // be moved.
    await rename(work, target).catch(async (error: unknown) => {
      if (!(await exists(join(target, 'bin', 'python')))) throw error;
    });
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function findPython(): Promise<{ command: string; version: string }> {
  const seen: string[] = [];
  for (const command of [...pythons, ...(await managedPythons())]) {
    const script = 'import sys, venv, ensurepip; print("%d.%d.%d" % sys.version_info[:3])';
    try {
      const { stdout } = await run(command, ['-c', script], { timeout: 20_000 });
      const version = stdout.trim();
      const [major = 0, minor = 0] = version.split('.').map(Number);
      if (major === 3 && minor >= OLDEST_PYTHON_MINOR) return { command, version };
      seen.push(`${command} is ${version}`);
    } catch (error) {
      if (/No module named/.test(outputOf(error))) seen.push(`${command} has no venv module`);
    }
  }
  const found = seen.length === 0 ? 'there is no Python' : seen.join(', ');
  throw new Error(
    `LocalStack: not obtainable: it needs Python 3.${OLDEST_PYTHON_MINOR} or later with venv, and ${found} ` +
      '(Debian 13, Ubuntu 24.04: sudo apt-get install python3-venv; Fedora: sudo dnf install python3; ' +
      'macOS: brew install python)',
  );
}

/** Pythons of pyenv and uv, newest first; they need not be in PATH. */
async function managedPythons(): Promise<string[]> {
  const folders = [
    join(process.env.PYENV_ROOT || join(homedir(), '.pyenv'), 'versions'),
    join(homedir(), '.local', 'share', 'uv', 'python'),
  ];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      return names
        .filter((name) => /3\.1[2-9]/.test(name))
        .map((name) => join(folder, name, 'bin', 'python3'));
    }),
  );
  return found.flat().sort().toReversed();
}

async function step(command: readonly string[], failure: string): Promise<void> {
  const [executable, ...args] = command;
  try {
    await run(executable ?? '', args, { timeout: INSTALL_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const complaint = /^ERROR: .*$/m.exec(outputOf(error))?.[0] ?? reasonOf(error).split('\n')[0];
    throw new Error(`LocalStack: not obtainable: ${failure}: ${complaint}`, { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
