import { execFile } from 'node:child_process';
import { glob, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../processes/log.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';
import { hasDebianTools } from '../programs/apt.ts';
import { debianPackages } from '../programs/debian-packages.ts';
import { libraryPath } from '../programs/library-path.ts';
import { findExecutables, firstExecutable } from '../programs/server-program.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 30_000;
/** Nanum has the Korean glyphs, DejaVu the Latin ones of pages that name no font of their own. */
const packages = [['chromium', 'fonts-nanum', 'fonts-dejavu-core']];

export interface Browser {
  readonly executable: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
}

/**
 * Chromium for tests of the pages: the one that ROWLOCK_CHROMIUM names, else Debian's packages unpacked in
 * the cache, with the fonts that Korean text needs. They come first because every machine then draws the
 * same. Throws with the reason where neither exists.
 */
export async function findBrowser(cacheDir: string, log: Log): Promise<Browser> {
  const named = process.env.ROWLOCK_CHROMIUM || undefined;
  if (named !== undefined) return checkedBrowser({ executable: named, env: {}, origin: named });
  try {
    return await packagedBrowser(cacheDir, log);
  } catch (error) {
    const [installed] = await findExecutables(['chromium', 'google-chrome-stable', 'google-chrome']);
    if (installed !== undefined)
      return checkedBrowser({
        executable: installed,
        env: {},
        origin: `found on this machine: ${installed}`,
      });
    throw new Error(`no Chromium: ${reasonOf(error)}`, { cause: error });
  }
}

async function packagedBrowser(cacheDir: string, log: Log): Promise<Browser> {
  if (!(await hasDebianTools())) throw new Error('apt-get and dpkg-deb are missing');
  const unpack = () => debianPackages({ cacheDir, alternatives: packages, log });
  const unpacked = await unpack();
  try {
    return await browserIn(unpacked);
  } catch (error) {
    // An incomplete cache, or one from a machine with more libraries: unpack again, once.
    log(`unpacking again: ${reasonOf(error)}`);
    await rm(unpacked.root, { recursive: true, force: true });
    return browserIn(await unpack());
  }
}

async function browserIn({ root, label }: { root: string; label: string }): Promise<Browser> {
  const executable = await firstExecutable([join(root, 'usr/lib/chromium/chromium')]);
  if (executable === undefined) throw new Error(`${label} holds no Chromium`);
  const fonts = join(root, 'rowlock-fonts.conf');
  await writeFile(fonts, fontConfiguration(root));
  return checkedBrowser({
    executable,
    env: { LD_LIBRARY_PATH: await libraries(root), FONTCONFIG_FILE: fonts },
    origin: `Debian package ${label}, unpacked in the cache`,
  });
}

/** PulseAudio's library is in a folder of its own, which the system finds by a path inside the binary. */
async function libraries(root: string): Promise<string> {
  const folders = [await libraryPath(root)];
  for await (const folder of glob('usr/lib/*/pulseaudio', { cwd: root })) folders.push(join(root, folder));
  return folders.join(':');
}

/** Only the unpacked fonts, so that pictures do not depend on what the machine has installed. */
function fontConfiguration(root: string): string {
  const generic = { 'sans-serif': ['DejaVu Sans', 'NanumGothic'], serif: ['NanumMyeongjo', 'NanumGothic'] };
  const aliases = Object.entries({ ...generic, 'system-ui': generic['sans-serif'] }).map(
    ([family, preferred]) =>
      `<alias><family>${family}</family><prefer>` +
      `${preferred.map((name) => `<family>${name}</family>`).join('')}</prefer></alias>`,
  );
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
    `<fontconfig><dir>${root}/usr/share/fonts</dir><cachedir>${root}/rowlock-font-cache</cachedir>`,
    ...aliases,
    '</fontconfig>',
    '',
  ].join('\n');
}

async function checkedBrowser(candidate: Omit<Browser, 'version'>): Promise<Browser> {
  const { executable, env } = candidate;
  const { stdout } = await run(executable, ['--version'], {
    env: { ...process.env, ...env },
    timeout: VERSION_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw new Error(`${executable} does not run: ${(outputOf(error) || reasonOf(error)).split('\n')[0]}`, {
      cause: error,
    });
  });
  const version = /(\d+(?:\.\d+)+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${executable} names no version`);
  return { ...candidate, version };
}
