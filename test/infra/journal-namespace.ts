import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../support/cleanup.ts';
import { until } from '../support/until.ts';

export interface JournalNamespace {
  /** A shell command that replaces `journalctl` and reads only this journal. */
  readonly journalctl: string;
  /** Starts a process whose output journald attributes to the unit, as it does for systemd. */
  unit(name: string): UnitOutput;
  /** Returns the last lines of a unit in the journal, oldest first. */
  messages(unit: string): string[];
}

export interface UnitOutput {
  write(line: string): void;
}

const JOURNALD = '/usr/lib/systemd/systemd-journald';
const installer = join(import.meta.dirname, '../../lib/instance/install.sh');

/** Returns why journald cannot run here; undefined if it can. */
export function journaldMissing(): string | undefined {
  if (process.platform !== 'linux' || !existsSync(JOURNALD)) return 'systemd-journald';
  // journald accepts the name of a unit only from root.
  if (process.getuid?.() !== 0) return 'root, to run a systemd-journald of its own';
  const { status } = spawnSync('journalctl', ['--version']);
  return status === 0 ? undefined : 'journalctl';
}

/**
 * Starts a separate systemd-journald for an unused namespace, with the settings of install.sh. It needs no
 * systemd. After the test it is stopped and its journal removed.
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
      // The stream protocol that systemd uses to connect the output of a service: identifier, unit, priority,
      // and four switches. It runs in a separate process, because journald assigns a process to one unit.
      const header = [name, `${name}.service`, '6', '0', '0', '0', '0', ''].join('\n');
      // journald closes its sending direction at once.
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
