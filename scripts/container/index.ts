/**
 * `npm run container:build -- [arm64|x64]…` makes the container image of the app as an OCI image layout in
 * .local/container/linux-ARCH, without a container engine. `cdk deploy -c shape=cluster` pushes it to ECR.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { shopPaths } from '../shop/shop-paths.ts';
import type { BundleArch } from '../bundle/bundle-packages.ts';
import { runCommand, UsageError } from '../run-command.ts';
import { buildImage } from './build-image.ts';

const top = join(import.meta.dirname, '../..');
const arches: readonly BundleArch[] = ['arm64', 'x64'];
const isArch = (name: string): name is BundleArch => (arches as readonly string[]).includes(name);

const usage = `usage: npm run container:build -- [arm64|x64]…

Makes the OCI image of the app from the bundle: Debian's libraries, Node and the app, in three layers. Without
an argument it is for arm64, on which the cluster runs. The same sources give the same bytes.

Needs Debian's apt-get and dpkg-deb, and neither root nor Docker. The Debian packages stay in the cache;
delete its folder packages/trixie-* to take a newer point release.
`;

await runCommand('container:build', main);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h', default: false } },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!positionals.every(isArch)) throw new UsageError(`only ${arches.join(' and ')} images can be built`);
  for (const arch of positionals.length === 0 ? (['arm64'] as const) : positionals) {
    const { tag, digest, sizeBytes, layout } = await buildImage({
      top,
      arch,
      directory: join(top, '.local/container'),
      cacheDir: shopPaths.cache,
      log: (line) => process.stderr.write(`${line}\n`),
    });
    // Standard output belongs to the CDK.
    process.stderr.write(
      `image for linux-${arch}: ${(sizeBytes / 1e6).toFixed(1)} MB in 3 layers, ${tag}, ${digest}\n  ` +
        `${layout}\n`,
    );
  }
  return 0;
}
