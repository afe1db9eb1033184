import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface InstanceScriptOptions {
  readonly script: 'admin.sh' | 'audit.sh';
  readonly bundle: string;
  /** Environment file of the running API. */
  readonly environmentFile: string;
  readonly args: readonly string[];
  readonly input?: string;
}

/**
 * Runs an unmodified script of the bundle, except for its paths and for the user that exists only on an
 * instance.
 */
export function runInstanceScript({
  bundle,
  script: name,
  environmentFile,
  args,
  input = '',
}: InstanceScriptOptions): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  const script = readFileSync(join(bundle, 'instance', name), 'utf8')
    .replaceAll('/opt/rowlock', bundle)
    .replaceAll('/run/rowlock-api/environment', environmentFile)
    .replace('runuser -u rowlock --', 'env');
  // Bash reads the user's .bashrc if its input is a socket.
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script, name, ...args], {
    env: { PATH: '/usr/bin:/bin' },
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
