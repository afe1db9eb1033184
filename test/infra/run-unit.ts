import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { onCleanup } from '../support/cleanup.ts';
import { unitFile } from './unit-file.ts';
import { temporaryFolder } from '../support/shop/fresh-clone.ts';

export interface RunningUnit {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  /** Environment file that ExecStartPre wrote for the process. */
  readonly environmentFile: string | undefined;
}

/** An emulated Node is ten times slower than a native one. */
const PREPARE_TIMEOUT_MS = 60_000;
/** PATH that systemd gives every system service. */
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Starts `rowlock-NAME.service` of an unpacked bundle as systemd would: its command, its working directory,
 * and only the unit's own environment. The sandbox is not applied. Additional variables describe the machine:
 * where the settings are and where AWS is.
 */
export async function runUnit(
  bundle: string,
  name: string,
  machine: Readonly<Record<string, string>>,
  /** Prefix of every command, for a bundle of another architecture. */
  emulator: readonly string[] = [],
): Promise<RunningUnit> {
  const unit = unitFile(join(bundle, `instance/units/rowlock-${name}.service`));
  const runtime = join(temporaryFolder('rowlock-run-'), `rowlock-${name}`);
  mkdirSync(runtime, { mode: 0o700 });
  const commandOf = (line: string): [string, string[]] => {
    const [program = '', ...args] = [...emulator, ...placed(line).split(' ')];
    return [program, args];
  };
  const placed = (text: string) =>
    text.replaceAll('/opt/rowlock', bundle).replaceAll(`/run/rowlock-${name}`, runtime);
  const own = Object.fromEntries(
    Object.entries(unit.environment()).map(([variable, value]) => [variable, placed(value)]),
  );
  const cwd = placed(unit.one('WorkingDirectory'));
  // systemd sets HOME to the home directory of the unit's user.
  const environment = { PATH: SYSTEM_PATH, HOME: runtime, RUNTIME_DIRECTORY: runtime, ...own, ...machine };
  for (const before of unit.all('ExecStartPre')) {
    const [program, args] = commandOf(before);
    await promisify(execFile)(program, args, { cwd, env: environment, timeout: PREPARE_TIMEOUT_MS });
  }
  const [environmentFile] = unit.all('EnvironmentFile').map((file) => placed(file.replace(/^-/, '')));
  const [program, args] = commandOf(unit.one('ExecStart'));
  const child = spawn(program, args, {
    cwd,
    env: {
      ...environment,
      ...(environmentFile === undefined ? {} : parseEnv(readFileSync(environmentFile, 'utf8'))),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<number | string>((end) => {
    child.once('exit', (code, signal) => end(code ?? signal ?? 'unknown'));
  });
  onCleanup(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, output: () => output, ended, environmentFile };
}
