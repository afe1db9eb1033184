import { execFile } from 'node:child_process';
import { glob, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../processes/log.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';
import { hasDebianTools } from '../programs/apt.ts';
import { debianPackages } from '../programs/debian-packages.ts';
import { libraryPath } from '../programs/library-path.ts';
import { findExecutables } from '../programs/server-program.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 30_000;
/** Brokers of Kafka 4 need it. */
const JAVA_MIN = 17;
/** Order: Debian 13 and Ubuntu 24.04; Debian 12. */
const packages = [['openjdk-21-jre-headless'], ['openjdk-17-jre-headless'], ['openjdk-25-jre-headless']];

export interface Java {
  readonly executable: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly origin: string;
}

/** Java 17 or later on this machine: that of JAVA_HOME, else the first in PATH. Throws with the reason. */
export async function installedJava(): Promise<Java> {
  const home = process.env.JAVA_HOME;
  const named = home === undefined || home === '' ? [] : [join(home, 'bin/java')];
  const reasons: string[] = [];
  for (const executable of [...named, ...(await findExecutables(['java']))]) {
    try {
      return await checkedJava({ executable, env: {}, origin: executable });
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new Error(reasons.length === 0 ? 'this machine has no java' : reasons.join('; '));
}

/** Debian's or Ubuntu's Java, unpacked in the cache. Throws with the reason. */
export async function packagedJava(cacheDir: string, log: Log): Promise<Java> {
  if (!(await hasDebianTools())) throw new Error('apt-get and dpkg-deb are missing');
  const unpacked = await debianPackages({ cacheDir, alternatives: packages, log });
  try {
    return await javaIn(unpacked);
  } catch (error) {
    // An incomplete cache, or one from a machine with more libraries: unpack again, once.
    log(`unpacking again: ${reasonOf(error)}`);
    await rm(unpacked.root, { recursive: true, force: true });
    return javaIn(await debianPackages({ cacheDir, alternatives: packages, log }));
  }
}

async function javaIn({ root, label }: { root: string; label: string }): Promise<Java> {
  for await (const path of glob('usr/lib/jvm/*/bin/java', { cwd: root })) {
    return checkedJava({
      executable: join(root, path),
      env: { LD_LIBRARY_PATH: await libraryPath(root) },
      origin: `Debian package ${label}, unpacked in the cache`,
    });
  }
  throw new Error(`${label} holds no java`);
}

async function checkedJava({ executable, env, origin }: Omit<Java, 'version'>): Promise<Java> {
  const { stderr } = await run(executable, ['-version'], {
    env: { ...process.env, ...env },
    timeout: VERSION_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw new Error(`${executable} does not run: ${(outputOf(error) || reasonOf(error)).split('\n')[0]}`, {
      cause: error,
    });
  });
  const version = /version "([^"]+)"/.exec(stderr)?.[1] ?? 'unknown';
  if (!(Number.parseInt(version, 10) >= JAVA_MIN))
    throw new Error(`${executable} is Java ${version}: Kafka needs ${JAVA_MIN} or later`);
  return { executable, version, env, origin };
}
