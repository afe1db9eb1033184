import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { rdsAuthorities } from '../../lib/data/rds-authorities.ts';
import { buildPages } from '../pages/build-pages.ts';
import type { BundleArch } from './bundle-packages.ts';
import { nativePackages } from './native-packages.ts';

export interface StageBundleOptions {
  readonly top: string;
  /** Emptied before use. */
  readonly directory: string;
  readonly arch: BundleArch;
  /** node_modules for this architecture. */
  readonly packages: string;
  /** Links Node instead of copying 120 MB of it, for a throwaway tree. */
  readonly linksNode?: boolean;
}

/**
 * Lays out the content of /opt/rowlock on an instance:
 *
 *     bin/node        Node
 *     app/            the app and its hashing thread in one file each, the migrations and the pages
 *     instance/       programs beside the app, install.sh, admin.sh, audit.sh and the units
 *     node_modules/   packages that cannot be bundled, if any
 *     rds-ca.pem      certificate authorities of RDS
 */
export async function stageBundle(options: StageBundleOptions): Promise<void> {
  const { top, directory, arch, packages } = options;
  rmSync(directory, { recursive: true, force: true });
  for (const folder of ['bin', 'app', 'instance/units']) {
    mkdirSync(join(directory, folder), { recursive: true });
  }
  const node = join(packages, `node-linux-${arch}/bin/node`);
  if (options.linksNode === true) symlinkSync(node, join(directory, 'bin/node'));
  else {
    copyFileSync(node, join(directory, 'bin/node'));
    chmodSync(join(directory, 'bin/node'), 0o755);
  }
  const natives = nativePackages(top, packages);
  await Promise.all([
    bundleApp(options, natives),
    bundlePrograms(options),
    buildPages({ top, directory: join(directory, 'app/pages') }),
  ]);
  copyAll(join(top, 'app/migrations'), join(directory, 'app'), /\.sql$/);
  copyAll(join(top, 'lib/instance/units'), join(directory, 'instance/units'), /\.service$/);
  for (const [script, source] of Object.entries(instanceScripts)) {
    copyFileSync(join(top, 'lib/instance', source), join(directory, 'instance', script));
    chmodSync(join(directory, 'instance', script), 0o755);
  }
  for (const name of natives) {
    cpSync(join(packages, name), join(directory, 'node_modules', name), {
      recursive: true,
      dereference: true,
    });
  }
  writeFileSync(join(directory, 'rds-ca.pem'), rdsAuthorities());
}

/** Instance scripts and their files in lib/instance. A command's script has the name of the command. */
const instanceScripts = {
  'install.sh': 'install.sh',
  'admin.sh': 'app-command.sh',
  'audit.sh': 'app-command.sh',
};

/** CommonJS packages in an ES module call `require`. */
const requireBanner =
  "import { createRequire as bundleRequire } from 'node:module'; " +
  'const require = bundleRequire(import.meta.url);';

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: { js: requireBanner },
  // Not minified: a crash prints its source line, and stack traces name functions.
  logLevel: 'error',
} as const;

async function bundleApp({ top, directory }: StageBundleOptions, natives: readonly string[]): Promise<void> {
  await build({
    ...shared,
    absWorkingDir: top,
    entryPoints: { main: 'app/main.ts', 'hash-worker': 'app/accounts/hash-worker.ts' },
    outdir: join(directory, 'app'),
    external: [...natives],
    // Kafka's client reads its WebAssembly from a file beside it; the other entry has it in the code.
    alias: { '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled' },
  });
}

async function bundlePrograms({ top, directory }: StageBundleOptions): Promise<void> {
  const programs = ['read-settings', 'report-start', 'watch-drain', 'ship-logs'];
  await build({
    ...shared,
    absWorkingDir: top,
    entryPoints: programs.map((name) => `lib/instance/programs/${name}.ts`),
    outdir: join(directory, 'instance'),
    // Share one copy of the AWS SDK.
    splitting: true,
  });
}

function copyAll(from: string, to: string, names: RegExp): void {
  const files = readdirSync(from).filter((name) => names.test(name));
  if (files.length === 0) throw new Error(`nothing to copy in ${basename(from)}`);
  for (const name of files) copyFileSync(join(from, name), join(to, name));
}
