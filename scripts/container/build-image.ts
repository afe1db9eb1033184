import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../localstack/processes/log.ts';
import { type BundleArch, bundlePackages } from '../bundle/bundle-packages.ts';
import { stageBundle } from '../bundle/stage-bundle.ts';
import { baseRoot } from './base-root.ts';
import { type LayerEntry, parentEntries, treeEntries } from './layer-entries.ts';
import { writeLayer } from './write-layer.ts';
import { writeLayout } from './write-layout.ts';

export interface BuildImageOptions {
  readonly top: string;
  readonly arch: BundleArch;
  /** Folder for the layout, the staged bundle and what makes the next build faster. */
  readonly directory: string;
  readonly cacheDir: string;
  readonly log: Log;
}

export interface BuiltImage {
  /** Folder of the OCI image layout. */
  readonly layout: string;
  readonly digest: string;
  readonly tag: string;
  readonly sizeBytes: number;
}

/** User of every process in the image; Debian and the distroless images keep this number free for that. */
export const imageUser = 65_532;
/** Where the bundle is in the image, as on an instance. */
const home = 'opt/rowlock';
const NODE = `${home}/bin/node`;

/**
 * Makes the OCI image from the bundle, without a container engine. Three layers, by how often they change:
 * Debian's C and C++ libraries, Node, and the app. A release moves only the last one.
 */
export async function buildImage(options: BuildImageOptions): Promise<BuiltImage> {
  const { top, arch, directory, cacheDir, log } = options;
  const layout = join(directory, `linux-${arch}`);
  const bundle = join(directory, `bundle-linux-${arch}`);
  mkdirSync(layout, { recursive: true });
  await stageBundle({ top, directory: bundle, arch, packages: bundlePackages(top, arch) });
  const { base, node, app } = layersOf(treeEntries(await baseRoot(arch, cacheDir, log), ''), bundle);
  const layers = [];
  for (const entries of [base, node, app]) layers.push(await writeLayer(layout, entries));
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };
  const written = writeLayout(layout, layers, {
    arch,
    version,
    config: {
      User: `${imageUser}:${imageUser}`,
      WorkingDir: `/${home}`,
      // Node has its own certificates of public authorities; those of RDS come with the bundle.
      Env: ['NODE_ENV=production', `NODE_EXTRA_CA_CERTS=/${home}/rds-ca.pem`],
      Entrypoint: [`/${NODE}`],
      Cmd: [`/${home}/app/main.mjs`, 'api'],
    },
  });
  return { layout, ...written, sizeBytes: layers.reduce((sum, { size }) => sum + size, 0) };
}

function layersOf(
  debian: readonly LayerEntry[],
  bundle: string,
): Record<'base' | 'node' | 'app', LayerEntry[]> {
  const files = treeEntries(bundle, home);
  const isNode = ({ name }: LayerEntry) => name === NODE;
  return {
    base: [
      ...debian.filter(({ name }) => name !== 'rowlock-label'),
      { type: 'directory', name: 'etc', mode: 0o755 },
      textFile('etc/passwd', `root:x:0:0:root:/:/none\nrowlock:x:${imageUser}:${imageUser}::/:/none\n`),
      textFile('etc/group', `root:x:0:\nrowlock:x:${imageUser}:\n`),
      // Mount a writable folder here: the root file system may be read-only.
      { type: 'directory', name: 'tmp', mode: 0o1777 },
    ],
    node: [...parentEntries(`${home}/bin`), ...files.filter(isNode)],
    // Units and scripts are for instances.
    app: [
      ...parentEntries(home),
      ...files.filter(({ name }) => !name.startsWith(`${home}/bin`) && !isForInstances(name)),
    ],
  };
}

/** Programs of the instance that no container runs: its install scripts and its units. */
function isForInstances(name: string): boolean {
  return /^opt\/rowlock\/instance\/(units|[a-z-]+\.sh$)/.test(name);
}

function textFile(name: string, text: string): LayerEntry {
  return { type: 'file', name, mode: 0o644, content: { bytes: Buffer.from(text) } };
}
