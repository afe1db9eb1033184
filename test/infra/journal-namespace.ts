import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';

export interface JournalNamespace {
  /** A shell command in place of `journalctl` that reads this journal and no other. */
  readonly journalctl: string;
  /** A process of a unit; journald calls what it writes the unit's own, as it does for systemd. */
  unit(name: string): UnitOutput;
  /** The last lines of a unit, oldest first, as journald has them. */
  messages(unit: string): string[];
}

export interface UnitOutput {
  write(line: string): void;
}

const JOURNALD = '/usr/lib/systemd/systemd-journald';
const installer = join(import.meta.dirname, '../../lib/instance/install.sh');

/** Why there is no journald to test with, or undefined where there is one. */
export function journaldMissing(): string | undefined {
  if (process.platform !== 'linux' || !existsSync(JOURNALD)) return 'systemd-journald';
  // Only root may say which unit it writes for.
  if (process.getuid?.() !== 0) return 'root, to run a systemd-journald of its own';
  const { status } = spawnSync('journalctl', ['--version']);
  return status === 0 ? undefined : 'journalctl';
}

/**
 * A systemd-journald of the test's own, for a namespace that nothing else uses, with the settings of
 * install.sh. It needs no systemd. It is stopped, and its journal removed, after the test.
 */
export async function journalNamespace(): Promise<JournalNamespace> {
  const namespace = `rowlock-test-${randomBytes(4).toString('hex')}`;
  const runtime = `/run/systemd/journal.${namespace}`;
  const configuration = `/run/systemd/journald@${namespace}.conf.d`;
  const [, settings = ''] = /printf '(\[Journal\][^']*)'/.exec(readFileSync(installer, 'utf8')) ?? [];
  mkdirSync(configuration, { recursive: true });
  writeFileSync(join(configuration, 'rowlock.conf'), settings.replaceAll(String.raw`\n`, '\n'));
  const journald = spawn(JOURNALD, [namespace], { stdio: 'ignore' });
  const children: ChildProcess[] = [journald];
  onCleanup(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const made of [runtime, configuration, ...globSync(`/{var,run}/log/journal/*.${namespace}`)]) {
      rmSync(made, { recursive: true, force: true });
    }
  });
  await until('journald listens', () => existsSync(join(runtime, 'stdout')));
  return {
    journalctl: `exec /usr/bin/journalctl --namespace=${namespace} "$@"`,
    unit(name) {
      // The stream protocol that systemd speaks when it connects the output of a service: identifier, unit,
      // priority, and four switches. A process of its own, because journald knows a process as one unit's.
      const header = [name, `${name}.service`, '6', '0', '0', '0', '0', ''].join('\n');
      // journald closes its own direction at once.
      const program = `const journal = require('node:net').connect(
          { path: ${JSON.stringify(join(runtime, 'stdout'))}, allowHalfOpen: true });
        journal.write(${JSON.stringify(header)}); process.stdin.pipe(journal);`;
      const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'inherit', 'inherit'] });
      children.push(child);
      return { write: (line) => void child.stdin.write(`${line}\n`) };
    },
    messages(unit) {
      const { stdout } = spawnSync(
        'journalctl',
        [`--namespace=${namespace}`, '--output=cat', '--all', `--unit=${unit}.service`],
        { encoding: 'utf8' },
      );
      return stdout.split('\n').filter((line) => line !== '');
    },
  };
}
