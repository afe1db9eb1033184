import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../processes/log.ts';
import { outputOf, reasonOf } from '../processes/reason-of.ts';
import { hasDebianTools } from '../programs/apt.ts';
import { debianPackages } from '../programs/debian-packages.ts';
import type { Java } from './find-java.ts';

const run = promisify(execFile);

export const KAFKA_VERSION = '4.1.2';
/** SHA-256 over the names and SHA-256 sums of all jars, so that a damaged or changed jar never runs. */
const JARS_SHA256 = 'cbdc823cb781245caac64d556e38427ddce826dae9720409357f059c5ca162f1';
const FETCH_TIMEOUT_MS = 600_000;
/** The broker logs nothing without an SLF4J binding, and Kafka's own package brings none. */
const dependencies = `<ivy-module version="2.0">
  <info organisation="rowlock" module="kafka"/>
  <dependencies>
    <dependency org="org.apache.kafka" name="kafka_2.13" rev="${KAFKA_VERSION}" conf="default"/>
    <dependency org="org.apache.logging.log4j" name="log4j-slf4j-impl" rev="2.25.3" conf="default"/>
  </dependencies>
</ivy-module>
`;
/** Paths at which Debian and Fedora install Ivy. */
const installedIvy = ['/usr/share/java/ivy.jar', '/usr/share/java/apache-ivy/ivy.jar'];

export interface KafkaJars {
  /** Value for `java -cp`. */
  readonly classPath: string;
  readonly version: string;
  readonly origin: string;
}

/**
 * Kafka's jars: those of KAFKA_HOME or Homebrew, else from Maven Central by Apache Ivy, once, into the cache.
 * Throws with the reason.
 */
export async function kafkaJars(java: Java, cacheDir: string, log: Log): Promise<KafkaJars> {
  return (await installedKafka()) ?? (await cachedKafka(java, cacheDir, log));
}

async function installedKafka(): Promise<KafkaJars | undefined> {
  const home = process.env.KAFKA_HOME;
  const named = home === undefined || home === '' ? undefined : join(home, 'libs');
  const homebrew = ['/opt/homebrew/opt/kafka/libexec/libs', '/usr/local/opt/kafka/libexec/libs'];
  for (const libs of named === undefined ? homebrew : [named]) {
    const files = await readdir(libs).catch(() => []);
    const version = files.map((file) => /^kafka-clients-(\d+\.\d+\.\d+)\.jar$/.exec(file)?.[1]).find(Boolean);
    if (version !== undefined && Number.parseInt(version, 10) >= 4)
      return { classPath: join(libs, '*'), version, origin: libs };
    if (libs === named) throw new Error(`KAFKA_HOME: ${libs} does not hold Kafka 4 or later`);
  }
  return undefined;
}

async function cachedKafka(java: Java, cacheDir: string, log: Log): Promise<KafkaJars> {
  const target = join(cacheDir, `kafka-${KAFKA_VERSION}`);
  const found = { classPath: join(target, '*'), version: KAFKA_VERSION, origin: 'jars in the cache' };
  const known = await sumOf(target);
  if (known === JARS_SHA256) return found;
  if (known !== undefined) log('Kafka: the jars in the cache are damaged; fetching them again');
  await mkdir(cacheDir, { recursive: true });
  const work = await mkdtemp(join(cacheDir, 'kafka-fetching-'));
  try {
    await fetchJars(java, { work, cacheDir, log });
    const fetched = join(work, 'jars');
    const sum = await sumOf(fetched);
    if (sum !== JARS_SHA256)
      throw new Error(`Kafka's jars are not the expected ones: their SHA-256 is ${sum ?? 'of nothing'}`);
    await rm(target, { recursive: true, force: true });
    // A concurrent run may have finished first; its result is equal.
    await rename(fetched, target).catch(async (error: unknown) => {
      if ((await sumOf(target)) !== JARS_SHA256) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return found;
}

async function fetchJars(
  java: Java,
  { work, cacheDir, log }: { work: string; cacheDir: string; log: Log },
): Promise<void> {
  const ivy = await findIvy(cacheDir, log);
  log(`fetching Kafka ${KAFKA_VERSION} from Maven Central (43 MB, once)`);
  await writeFile(join(work, 'ivy.xml'), dependencies);
  const pattern = join(work, 'jars', '[artifact]-[revision].[ext]');
  const folders = ['-cache', join(work, 'ivy-cache'), '-ivy', join(work, 'ivy.xml')];
  const args = ['-jar', ivy, ...folders, '-confs', 'default', '-retrieve', pattern];
  await run(java.executable, args, {
    env: { ...process.env, ...java.env },
    timeout: FETCH_TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error: unknown) => {
    const lines = (outputOf(error) || reasonOf(error)).split('\n');
    const reason = lines.find((line) => /not found|ERROR|Unknown|timed out/i.test(line)) ?? lines.at(-1);
    throw new Error(`Maven Central gave no Kafka: ${reason?.trim()}`, { cause: error });
  });
}

async function findIvy(cacheDir: string, log: Log): Promise<string> {
  for (const path of installedIvy) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  if (!(await hasDebianTools())) throw new Error('Apache Ivy, which fetches Kafka, is not installed');
  const { root } = await debianPackages({ cacheDir, alternatives: [['ivy']], log });
  return join(root, 'usr/share/java/ivy.jar');
}

/** Undefined for a folder that does not exist or is empty. */
async function sumOf(folder: string): Promise<string | undefined> {
  const found = await readdir(folder).catch((): string[] => []);
  const names = found.toSorted();
  if (names.length === 0) return undefined;
  const all = createHash('sha256');
  for (const name of names) {
    const content = await readFile(join(folder, name));
    all.update(`${createHash('sha256').update(content).digest('hex')}  ${name}\n`);
  }
  return all.digest('hex');
}
