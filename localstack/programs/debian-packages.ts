import { createHash } from 'node:crypto';
import {
  glob,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Log } from '../processes/log.ts';
import { aptReason, ownLists, type PackageLists, runApt, suiteLists, systemLists } from './apt.ts';

export interface UnpackedPackages {
  readonly root: string;
  /** Name and version of the first package, for messages. */
  readonly label: string;
}

export interface DebianPackagesOptions {
  /** Cache folder; several clones may share it. */
  readonly cacheDir: string;
  /** Sets of package names, best first. The first set that the suite offers is used. */
  readonly alternatives: readonly (readonly string[])[];
  /** Undefined means this machine's own suite, with the libraries that are installed. */
  readonly otherSuite?: OtherSuite | undefined;
  readonly log: Log;
}

/** A suite other than the machine's. Its packages bring all their libraries, including the C library. */
export interface OtherSuite {
  /** Name of the suite, such as bullseye. */
  readonly name: string;
  /** Architecture as Node names it; undefined means this machine's. */
  readonly arch?: 'arm64' | 'x64' | undefined;
  /** Packages that the program never uses, such as those for installation scripts. */
  readonly unused: RegExp;
  /** Patterns of folders below the root that the program never opens. */
  readonly unopened: readonly string[];
  /** Completes and checks the unpacked root before it moves to its final place. */
  readonly finish: (root: string) => Promise<void>;
}

/** Label of the packages below a root; written last, so its presence means completeness. */
const labelFile = 'rowlock-label';

/**
 * Downloads packages and the libraries they need and unpacks them in the cache, as any user and without
 * changing the system: nothing is installed and no service starts. If the system's package lists are empty or
 * outdated, fetches lists into the cache. A second call returns the cached result. Throws with the reason
 * when the packages are unavailable.
 */
export async function debianPackages(options: DebianPackagesOptions): Promise<UnpackedPackages> {
  const { alternatives, cacheDir, log, otherSuite } = options;
  const key = createHash('sha256').update(JSON.stringify(alternatives)).digest('hex').slice(0, 12);
  const parent = join(cacheDir, 'packages');
  const arch = otherSuite?.arch ?? process.arch;
  const target = join(parent, `${otherSuite?.name ?? (await ownSuite())}-${arch}-${key}`);
  const known = await readLabel(target);
  if (known !== undefined) return { root: target, label: known };

  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, 'unpacking-'));
  try {
    if (otherSuite !== undefined) {
      const lists = await suiteLists(otherSuite, join(work, 'apt'), log);
      return await downloadAndUnpack({ ...options, lists, target, work: await mkdtemp(join(work, 'own-')) });
    }
    log(`looking for ${alternatives[0]?.[0]} in the package lists of this system`);
    try {
      const systemWork = await mkdtemp(join(work, 'system-'));
      return await downloadAndUnpack({ ...options, lists: systemLists, target, work: systemWork });
    } catch {
      const lists = await ownLists(cacheDir, log);
      return await downloadAndUnpack({ ...options, lists, target, work: await mkdtemp(join(work, 'own-')) });
    }
  } catch (error) {
    throw new Error(aptReason(error), { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface DownloadOptions extends DebianPackagesOptions {
  readonly lists: PackageLists;
  readonly target: string;
  /** An empty folder on the cache's disk. */
  readonly work: string;
}

async function downloadAndUnpack(options: DownloadOptions): Promise<UnpackedPackages> {
  const { lists, log, otherSuite, target, work } = options;
  const { names, version } = await firstOffered(lists, options.alternatives);
  const packages = (await withLibraries(lists, names)).filter((name) => !otherSuite?.unused.test(name));
  log(`downloading ${names[0]} and ${packages.length - 1} packages it needs (nothing is installed)`);
  const downloads = join(work, 'downloads');
  const root = join(work, 'root');
  await mkdir(downloads);
  await mkdir(root);
  await runApt(lists, 'apt-get', ['-q', 'download', ...packages], downloads);
  for (const file of await readdir(downloads))
    if (file.endsWith('.deb')) await runApt(systemLists, 'dpkg-deb', ['-x', join(downloads, file), root]);
  await keepLinksInside(root);
  for await (const path of glob([...(otherSuite?.unopened ?? [])], { cwd: root }))
    await rm(join(root, path), { recursive: true, force: true });
  await otherSuite?.finish(root);
  const label = `${names[0]} ${version}`;
  await writeFile(join(root, labelFile), label);
  // A concurrent run may have finished first; its result is equivalent.
  await rename(root, target).catch(async (error: unknown) => {
    if ((await readLabel(target)) === undefined) throw error;
  });
  return { root: target, label };
}

/**
 * Makes absolute links relative where their target is among the packages. Java's configuration links into
 * /etc, which has none where Java is not installed.
 */
async function keepLinksInside(root: string): Promise<void> {
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const target = await readlink(path);
    if (!isAbsolute(target)) continue;
    const inside = join(root, target);
    const isInside = await lstat(inside).then(
      () => true,
      () => false,
    );
    if (!isInside) continue;
    await rm(path);
    await symlink(relative(dirname(path), inside), path);
  }
}

/** The first set that the lists offer, with the version of its first package. */
async function firstOffered(
  lists: PackageLists,
  alternatives: readonly (readonly string[])[],
): Promise<{ names: readonly string[]; version: string }> {
  const policies = await runApt(lists, 'apt-cache', ['policy', ...new Set(alternatives.flat())]);
  // "name:", then indented lines, among them "Candidate: version" or "Candidate: (none)".
  const candidates = new Map(
    [...policies.matchAll(/^(\S+):\n(?:[ ].*\n)*?\s+Candidate: (\S+)/gm)].map((match) => [
      match[1],
      match[2],
    ]),
  );
  const isOffered = (name: string) => (candidates.get(name) ?? '(none)') !== '(none)';
  const names = alternatives.find((set) => set.every(isOffered));
  if (names === undefined)
    throw new Error(`the package lists offer none of ${alternatives.map((set) => set[0]).join(', ')}`);
  return { names, version: candidates.get(names[0] ?? '') ?? '' };
}

/** Packages that an installation of `names` would add: a simulation, which needs no root. */
async function withLibraries(lists: PackageLists, names: readonly string[]): Promise<string[]> {
  const install = ['-s', '-q', '--no-install-recommends', 'install', ...names];
  const simulated = await runApt(lists, 'apt-get', install);
  const added = [...simulated.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '');
  // The simulation omits packages that are already installed, but the root needs them as well.
  return [...new Set([...names, ...added])];
}

async function readLabel(target: string): Promise<string | undefined> {
  return readFile(join(target, labelFile), 'utf8').catch(() => undefined);
}

async function ownSuite(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^VERSION_CODENAME=(\S+)/m.exec(release)?.[1] ?? 'unknown';
  return name.replaceAll(/[^a-z0-9-]/g, '');
}
