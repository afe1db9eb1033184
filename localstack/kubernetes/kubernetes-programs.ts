import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../processes/log.ts';
import { reasonOf } from '../processes/reason-of.ts';

export interface KubernetesPrograms {
  /** etcd and the control plane in one binary; the first argument names the program. */
  readonly controlPlane: string;
  /** Plays kubelet for nodes that do not exist. */
  readonly kwok: string;
}

export type FoundPrograms = KubernetesPrograms | { readonly unobtainable: string };

const KWOK = 'sigs.k8s.io/kwok/cmd/kwok@v0.7.0';
/** The control plane took 14 minutes of CPU time and kwok 6, with an empty cache of Go's. */
const BUILD_TIMEOUT_MS = 3_600_000;
const sources = join(import.meta.dirname, 'control-plane');
const run = promisify(execFile);

/**
 * The programs of this release, if they were built on this machine before. Building takes some 15 minutes of
 * two cores, so no caller does it unasked.
 */
export function findKubernetesPrograms(cacheDir: string): FoundPrograms {
  const programs = programsIn(homeOf(cacheDir));
  if (Object.values(programs).every((path) => existsSync(path))) return programs;
  return { unobtainable: 'a control plane, which npm run control-plane builds with Go' };
}

/** Builds with Go what is not in the cache yet. The Go command checks each module against go.sum. */
export async function buildKubernetesPrograms(cacheDir: string, log: Log): Promise<FoundPrograms> {
  const found = findKubernetesPrograms(cacheDir);
  if (!('unobtainable' in found)) return found;
  const version = await run('go', ['version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  if (version === undefined) return { unobtainable: 'the Go command, 1.26 or newer' };
  log(`building a Kubernetes control plane with ${version}; this takes some 15 minutes, once`);
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'building-kubernetes-'));
  try {
    await cp(sources, join(work, 'src'), { recursive: true });
    const built = programsIn(join(work, 'bin'));
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];
    const options = { timeout: BUILD_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
    await run('go', ['build', ...flags, '-o', built.controlPlane, '.'], {
      ...options,
      cwd: join(work, 'src'),
    });
    log('building kwok');
    const env = { ...process.env, GOBIN: join(work, 'bin') };
    await run('go', ['install', ...flags, KWOK], { ...options, cwd: work, env });
    await rename(join(work, 'bin'), homeOf(cacheDir));
  } catch (error) {
    return { unobtainable: `a control plane, but Go did not build it: ${reasonOf(error)}` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return programsIn(homeOf(cacheDir));
}

function programsIn(home: string): KubernetesPrograms {
  return { controlPlane: join(home, 'control-plane'), kwok: join(home, 'kwok') };
}

/** Another folder for each state of the sources, so that a cache never holds an older release. */
function homeOf(cacheDir: string): string {
  const hash = createHash('sha256').update(KWOK);
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(sources, name)));
  return join(cacheDir, `kubernetes-${hash.digest('hex').slice(0, 12)}`);
}
