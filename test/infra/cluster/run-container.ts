import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianPackages } from '../../../localstack/programs/debian-packages.ts';
import { findExecutables } from '../../../localstack/programs/server-program.ts';
import { shopPaths } from '../../../scripts/shop/shop-paths.ts';
import { imageLayout } from '../../../lib/container/image-layout.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { temporaryFolder } from '../../support/shop/fresh-clone.ts';
import { skipWithout } from '../../support/skip-without.ts';

export interface ContainerRuntime {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface RunningContainer {
  readonly output: () => string;
  readonly pid: () => number;
  /** Exit code. */
  readonly ended: Promise<number | null>;
  stop(): void;
}

const run = promisify(execFile);

/** runc of this machine, or Debian's package unpacked in the cache. Skips the tests where there is none. */
export async function containerRuntime(hook: Mocha.Context): Promise<ContainerRuntime> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) skipWithout('runc as root on Linux', hook);
  const [installed] = await findExecutables(['runc']);
  if (installed !== undefined) return { command: installed, env: process.env };
  try {
    const options = { cacheDir: shopPaths.cache, alternatives: [['runc']], log: () => {} };
    const { root } = await debianPackages(options);
    const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((name) => join(root, 'usr/lib', name));
    const env = { ...process.env, LD_LIBRARY_PATH: libraries.join(':') };
    return { command: join(root, 'usr/sbin/runc'), env };
  } catch (error) {
    return skipWithout(`runc: ${String(error).split('\n')[0]}`, hook);
  }
}

/** Unpacks the layers of an image as a runtime does, for the root of a container. */
export async function unpackImage(layout: string): Promise<string> {
  const root = temporaryFolder('rowlock-root-');
  // The root of the container, which its user must be able to enter.
  chmodSync(root, 0o755);
  const { blobs } = imageLayout(layout);
  for (const { file } of blobs.slice(1)) {
    await run('tar', ['-xpzf', file, '-C', root, '--same-owner']);
  }
  return root;
}

/**
 * Starts the image's own command, or another one, as Kubernetes does with the restricted pod security
 * standard: its user, no capabilities, no new privileges, a read-only root and memory at /tmp. It has the
 * network of this machine.
 */
export function runContainer(
  runtime: ContainerRuntime,
  layout: string,
  root: string,
  options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> },
): RunningContainer {
  const bundle = temporaryFolder('rowlock-container-');
  const { config } = JSON.parse(readFileSync(imageLayout(layout).blobs[0]?.file ?? '', 'utf8')) as {
    config: { User: string; WorkingDir: string; Env: string[]; Entrypoint: string[]; Cmd: string[] };
  };
  const [uid, gid] = config.User.split(':').map(Number);
  mkdirSync(join(root, 'proc'), { recursive: true });
  mkdirSync(join(root, 'dev'), { recursive: true });
  const own = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const specification = {
    ociVersion: '1.0.2',
    root: { path: root, readonly: true },
    process: {
      user: { uid, gid },
      cwd: config.WorkingDir,
      args: [...config.Entrypoint, ...(options.args ?? config.Cmd)],
      env: [...config.Env, ...own],
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
      noNewPrivileges: true,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777'] },
    ],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }] },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(specification));
  const name = `rowlock-test-${process.pid}-${Date.now()}`;
  const state = join(bundle, 'state');
  const pidFile = join(bundle, 'pid');
  const child = spawn(
    runtime.command,
    ['--root', state, 'run', '--bundle', bundle, '--pid-file', pidFile, name],
    { env: runtime.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((end, fail) => {
    child.once('error', fail);
    child.once('close', (code) => end(code));
  });
  onCleanup(async () => {
    if (child.exitCode === null && existsSync(pidFile)) {
      await run(runtime.command, ['--root', state, 'kill', name, 'KILL'], { env: runtime.env });
    }
    await ended;
    await run(runtime.command, ['--root', state, 'delete', '--force', name], { env: runtime.env });
  });
  return {
    output: () => output,
    pid: () => Number(readFileSync(pidFile, 'utf8')),
    ended,
    // runc passes the signal on.
    stop: () => void child.kill('SIGTERM'),
  };
}
