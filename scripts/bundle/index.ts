/**
 * `node scripts/bundle/index.ts [arm64|x64]…` writes what an instance runs:
 * .local/bundle/rowlock-linux-ARCH.tar.gz. The CDK app of instances calls it before every synthesis; without
 * changes it takes a second.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type BundleArch, bundlePackages } from './bundle-packages.ts';
import { stageBundle } from './stage-bundle.ts';
import { writeArchive } from './write-archive.ts';

const top = join(import.meta.dirname, '../..');
const arches: readonly BundleArch[] = ['arm64', 'x64'];
const wanted = process.argv.slice(2);
const isArch = (name: string): name is BundleArch => (arches as readonly string[]).includes(name);

if (wanted.every(isArch)) {
  // The fleet runs on Arm.
  for (const arch of wanted.length === 0 ? (['arm64'] as const) : wanted) await bundle(arch);
} else {
  process.stderr.write(`usage: node scripts/bundle/index.ts [${arches.join('|')}]…\n`);
  process.exitCode = 2;
}

async function bundle(arch: BundleArch): Promise<void> {
  const directory = join(top, '.local/bundle', `linux-${arch}`);
  await stageBundle({ top, directory, arch, packages: bundlePackages(top, arch) });
  const file = join(top, '.local/bundle', `rowlock-linux-${arch}.tar.gz`);
  const { sha256, isNew } = await writeArchive(directory, file);
  const megabytes = (statSync(file).size / 1e6).toFixed(1);
  // Standard output belongs to the CDK.
  process.stderr.write(
    `bundle for linux-${arch} ${isNew ? 'written' : 'unchanged'}: ${megabytes} MB, sha256 ${sha256}\n`,
  );
}
