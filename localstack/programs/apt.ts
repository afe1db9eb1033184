import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
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
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Selects the package lists that apt reads: arguments and variables for each of its commands. */
export interface PackageLists {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The system's lists as they are; they may be empty or outdated. */
export const systemLists: PackageLists = { args: [], env: {} };

/** True on Debian, Ubuntu and their relatives: apt-get and dpkg-deb exist. */
export async function hasDebianTools(): Promise<boolean> {
  const answers = await Promise.allSettled([
    run('apt-get', ['--version'], { timeout: 10_000 }),
    run('dpkg-deb', ['--version'], { timeout: 10_000 }),
  ]);
  return answers.every((answer) => answer.status === 'fulfilled');
}

/** Runs a command of apt or dpkg on these lists and returns its output. */
export async function runApt(
  lists: PackageLists,
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<string> {
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', ...lists.env };
  const options = { cwd, env, timeout: APT_TIMEOUT_MS, maxBuffer: OUTPUT_MAX_BYTES };
  return (await run(command, [...lists.args, ...args], options)).stdout;
}

/** First error of apt, else the first line of the reason. */
export function aptReason(error: unknown): string {
  const complaint = /^E: (.*)$/m.exec(outputOf(error))?.[1];
  return complaint === undefined ? (reasonOf(error).split('\n')[0] ?? '') : `apt: ${complaint}`;
}

const fetchedLists = new Map<string, Promise<PackageLists>>();

/** Fresh lists of the system's own sources in the cache, for any user. Fetched once per process. */
export function ownLists(cacheDir: string, log: Log): Promise<PackageLists> {
  const fetched = fetchedLists.get(cacheDir) ?? fetchOwnLists(join(cacheDir, 'apt'), log);
  fetchedLists.set(cacheDir, fetched);
  return fetched;
}

async function fetchOwnLists(aptDir: string, log: Log): Promise<PackageLists> {
  const listsDir = join(aptDir, 'lists');
  await mkdir(join(listsDir, 'partial'), { recursive: true });
  await mkdir(join(aptDir, 'archives', 'partial'), { recursive: true });
  const settings = [`Dir::State::lists=${listsDir}`, `Dir::Cache=${aptDir}`, 'APT::Sandbox::User='];
  const lists = { args: settings.flatMap((setting) => ['-o', setting]), env: {} };
  log('fetching package lists into the cache');
  const deadline = Date.now() + LISTS_LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      await runApt(lists, 'apt-get', ['-q', 'update']);
      return lists;
    } catch (error) {
      // Another script is fetching lists into the same cache.
      if (!outputOf(error).includes('Could not get lock') || Date.now() > deadline) throw error;
      await delay(LISTS_LOCK_POLL_MS);
    }
  }
}

/**
 * Signed lists of another Debian suite in `dir`, with an empty list of installed packages, so that
 * dependencies resolve completely. Inherits the machine's mirror, proxy and allowed age of a signed list
 * (some mirrors are frozen), but none of its hooks.
 */
export async function suiteLists(
  { name: suite, arch }: { readonly name: string; readonly arch?: 'arm64' | 'x64' | undefined },
  dir: string,
  log: Log,
): Promise<PackageLists> {
  const canVerify = await access(keyring).then(
    () => true,
    () => false,
  );
  if (!canVerify) throw new Error(`${keyring} is missing (package debian-archive-keyring)`);
  const mirror = await debianMirror();
  if (mirror === undefined) throw new Error('apt has no source of Debian packages on this machine');
  const machineSettings = (await runApt(systemLists, 'apt-config', ['dump']))
    .split('\n')
    .filter((line) => /^Acquire::(http|https|Check-Valid-Until|Check-Date)(::|\s)/.test(line));
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'parts'])
    await mkdir(join(dir, folder), { recursive: true });
  await writeFile(join(dir, 'state', 'status'), '');
  await writeFile(join(dir, 'main.conf'), '');
  // apt rejects lists with an invalid signature.
  await writeFile(join(dir, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  await writeFile(
    join(dir, 'apt.conf'),
    [...suiteSettings(dir), ...archSettings(arch), ...machineSettings, ''].join('\n'),
  );
  const lists = { args: [], env: { APT_CONFIG: join(dir, 'apt.conf') } };
  log(`reading the signed package lists of Debian ${suite}`);
  await runApt(lists, 'apt-get', ['-q', 'update']);
  return lists;
}

/** Debian's names of the architectures, and no second architecture of the machine. */
function archSettings(arch: 'arm64' | 'x64' | undefined): string[] {
  if (arch === undefined) return [];
  const name = arch === 'x64' ? 'amd64' : arch;
  return [`APT::Architecture "${name}";`, `APT::Architectures { "${name}"; };`];
}

function suiteSettings(dir: string): string[] {
  return [
    `Dir::State "${dir}/state";`,
    `Dir::State::status "${dir}/state/status";`,
    `Dir::Cache "${dir}/cache";`,
    `Dir::Etc::parts "${dir}/parts";`,
    `Dir::Etc::main "${dir}/main.conf";`,
    `Dir::Etc::sourcelist "${dir}/sources.list";`,
    `Dir::Etc::sourceparts "${dir}/parts";`,
    `Dir::Etc::preferences "${dir}/main.conf";`,
    `Dir::Etc::preferencesparts "${dir}/parts";`,
    'APT::Sandbox::User "";',
    'APT::Get::AllowUnauthenticated "false";',
    'APT::Update::Error-Mode "any";',
    'Acquire::Languages "none";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "30";',
    'Acquire::https::Timeout "30";',
  ];
}

/** The machine's mirror for Debian itself, not for security updates. */
async function debianMirror(): Promise<string | undefined> {
  const targets = ['--format', '$(REPO_URI)', 'Created-By: Packages', 'Origin: Debian', 'Label: Debian'];
  const known = (await runApt(systemLists, 'apt-get', ['indextargets', ...targets])).split('\n')[0];
  if (known !== undefined && known !== '') return known;
  // Read the sources: apt knows no origins before the first apt-get update.
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!/^ID=debian$/m.test(release)) return undefined;
  const folder = '/etc/apt/sources.list.d';
  const parts = await readdir(folder).catch(() => []);
  const files = ['/etc/apt/sources.list', ...parts.map((name) => join(folder, name))];
  const sources = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return /^[^#\n]*?(https?:\/\/\S+\/debian\/?)(?=\s|$)/m.exec(sources.join('\n'))?.[1];
}
