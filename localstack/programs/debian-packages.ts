import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Log } from '../processes/log.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';

const run = promisify(execFile);
const APT_TIMEOUT_MS = 180_000;
const LISTS_LOCK_TIMEOUT_MS = 120_000;
const LISTS_LOCK_POLL_MS = 500;
const OUTPUT_MAX_BYTES = 32 * 1024 * 1024;

export interface UnpackedPackages {
  readonly root: string;
  /** Name and version of the first package, for people. */
  readonly label: string;
}

export interface DebianPackagesOptions {
  /** Folder of the cache that several clones may share. */
  readonly cacheDir: string;
  /** Sets of package names, best first: the first set that the suite offers is taken. */
  readonly alternatives: readonly (readonly string[])[];
  readonly log: Log;
}

/**
 * Downloads server packages with the libraries that this machine lacks and unpacks them below the cache,
 * as any user and without touching the system: nothing is installed and no service starts. Where the
 * system's package lists are empty or out of date, lists of our own are fetched below the cache.
 * Throws with the reason when the packages cannot be had.
 */
export async function debianPackages(options: DebianPackagesOptions): Promise<UnpackedPackages> {
  const aptDir = join(options.cacheDir, 'apt');
  const key = createHash('sha256').update(JSON.stringify(options.alternatives)).digest('hex').slice(0, 12);
  const target = join(options.cacheDir, 'packages', `${await suiteName()}-${process.arch}-${key}`);
  const known = await readLabel(target);
  if (known !== undefined) return { root: target, label: known };

  options.log(`looking for ${options.alternatives[0]?.[0]} in the package lists of this system`);
  const failures: string[] = [];
  for (const lists of ['system', 'own'] as const) {
    try {
      const apt = lists === 'system' ? [] : await ownLists(aptDir, options.log);
      return await downloadAndUnpack({ ...options, target, apt });
    } catch (error) {
      failures.push(aptReason(error));
    }
  }
  throw new Error(failures.at(-1) ?? 'no package could be downloaded');
}

/** True where apt-get and dpkg-deb are there: Debian, Ubuntu and their relatives. */
export async function hasDebianTools(): Promise<boolean> {
  const answers = await Promise.allSettled([
    run('apt-get', ['--version'], { timeout: 10_000 }),
    run('dpkg-deb', ['--version'], { timeout: 10_000 }),
  ]);
  return answers.every((answer) => answer.status === 'fulfilled');
}

interface DownloadOptions extends DebianPackagesOptions {
  readonly target: string;
  /** Options for every apt command. */
  readonly apt: readonly string[];
}

async function downloadAndUnpack(options: DownloadOptions): Promise<UnpackedPackages> {
  const { apt, log, target } = options;
  const { names: wanted, version } = await firstOffered(apt, options.alternatives);
  const packages = await withMissingLibraries(apt, wanted);
  log(`downloading ${wanted[0]} and ${packages.length - 1} packages it needs (nothing is installed)`);
  const parent = join(options.cacheDir, 'packages');
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'unpacking-'));
  try {
    const downloads = join(work, 'downloads');
    const root = join(work, 'root');
    await mkdir(downloads);
    await mkdir(root);
    await apply('apt-get', [...apt, '-q', 'download', ...packages], downloads);
    for (const file of await readdir(downloads)) {
      if (file.endsWith('.deb')) await apply('dpkg-deb', ['-x', join(downloads, file), root], work);
    }
    const label = `${wanted[0]} ${version}`;
    await writeFile(join(root, 'rowlock-label'), label);
    // Another run may have been faster: its result is as good.
    await rename(root, target).catch(async (error: unknown) => {
      if ((await readLabel(target)) === undefined) throw error;
    });
    return { root: target, label };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The first set of packages that the suite offers, with the version of its first member. */
async function firstOffered(
  apt: readonly string[],
  alternatives: readonly (readonly string[])[],
): Promise<{ names: readonly string[]; version: string }> {
  const { stdout } = await apply('apt-cache', [...apt, 'policy', ...new Set(alternatives.flat())]);
  // "name:", then indented lines, among them "Candidate: version" or "Candidate: (none)".
  const candidates = new Map(
    [...stdout.matchAll(/^(\S+):\n(?:[ ].*\n)*?\s+Candidate: (\S+)/gm)].map((match) => [match[1], match[2]]),
  );
  const isOffered = (name: string) => (candidates.get(name) ?? '(none)') !== '(none)';
  const names = alternatives.find((set) => set.every(isOffered));
  if (names === undefined)
    throw new Error(`the package lists offer none of ${alternatives.map((set) => set[0]).join(', ')}`);
  return { names, version: candidates.get(names[0] ?? '') ?? '' };
}

/** The packages that an installation of `names` would add here: a simulation, which needs no root. */
async function withMissingLibraries(apt: readonly string[], names: readonly string[]): Promise<string[]> {
  const simulated = await apply('apt-get', [
    ...apt,
    '-s',
    '-q',
    '--no-install-recommends',
    'install',
    ...names,
  ]);
  const added = [...simulated.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  // A package that is installed already is not in the simulation but is needed below the root as well.
  return [...new Set([...names, ...added])];
}

const fetchedLists = new Map<string, Promise<string[]>>();

/** Options for apt with lists below the cache, for any user. Fetched once a process. */
function ownLists(aptDir: string, log: Log): Promise<string[]> {
  const fetched = fetchedLists.get(aptDir) ?? fetchLists(aptDir, log);
  fetchedLists.set(aptDir, fetched);
  return fetched;
}

async function fetchLists(aptDir: string, log: Log): Promise<string[]> {
  const lists = join(aptDir, 'lists');
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(aptDir, 'archives', 'partial'), { recursive: true });
  const apt = ['-o', `Dir::State::lists=${lists}`, '-o', `Dir::Cache=${aptDir}`, '-o', 'APT::Sandbox::User='];
  log('fetching package lists of our own');
  const deadline = Date.now() + LISTS_LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      await apply('apt-get', [...apt, '-q', 'update']);
      return apt;
    } catch (error) {
      // Another script fetches lists into the same cache.
      if (!outputOf(error).includes('Could not get lock') || Date.now() > deadline) throw error;
      await delay(LISTS_LOCK_POLL_MS);
    }
  }
}

async function apply(command: string, args: readonly string[], cwd?: string): Promise<{ stdout: string }> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return run(command, [...args], { cwd, env, timeout: APT_TIMEOUT_MS, maxBuffer: OUTPUT_MAX_BYTES });
}

async function readLabel(target: string): Promise<string | undefined> {
  return readFile(join(target, 'rowlock-label'), 'utf8').catch(() => undefined);
}

async function suiteName(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^VERSION_CODENAME=(\S+)/m.exec(release)?.[1] ?? 'unknown';
  return name.replaceAll(/[^a-z0-9-]/g, '');
}

/** The folders of shared libraries below an unpacked root, for LD_LIBRARY_PATH. */
export async function libraryFolders(root: string): Promise<string[]> {
  const triple = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const folders = [`usr/lib/${triple}`, `lib/${triple}`, 'usr/lib', 'lib'].map((folder) =>
    join(root, folder),
  );
  const found = await Promise.all(
    folders.map((folder) =>
      access(folder).then(
        () => folder,
        () => undefined,
      ),
    ),
  );
  return found.filter((folder) => folder !== undefined);
}

function aptReason(error: unknown): string {
  const complaint = /^E: (.*)$/m.exec(outputOf(error))?.[1];
  return complaint === undefined ? (reasonOf(error).split('\n')[0] ?? '') : `apt: ${complaint}`;
}
