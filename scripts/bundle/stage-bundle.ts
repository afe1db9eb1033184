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
import type { BundleArch } from './bundle-packages.ts';
import { nativePackages } from './native-packages.ts';

export interface StageBundleOptions {
  readonly top: string;
  /** Emptied first. */
  readonly directory: string;
  readonly arch: BundleArch;
  /** node_modules for that architecture. */
  readonly packages: string;
  /** Links Node in place of copying 120 MB of it, for a tree that is run and thrown away. */
  readonly linksNode?: boolean;
}

/**
 * Lays out what an instance gets as /opt/rowlock:
 *
 *     bin/node        its own Node
 *     app/            the app and its hashing thread in a file each, and its migrations beside them
 *     instance/       what runs beside the app, install.sh, admin.sh, audit.sh and the units
 *     node_modules/   packages that must stay as they are, where there are any
 *     rds-ca.pem      the certificate authorities of RDS
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
  await Promise.all([bundleApp(options, natives), bundlePrograms(options)]);
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

/** Scripts of an instance and their files in lib/instance. A command's script is named after the command. */
const instanceScripts = {
  'install.sh': 'install.sh',
  'admin.sh': 'app-command.sh',
  'audit.sh': 'app-command.sh',
};

/** Packages of CommonJS in an ES module ask for `require`. */
const requireBanner =
  "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);";

const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  banner: { js: requireBanner },
  // Not minified: a crash prints the line that it happened in, and stack traces name functions.
  logLevel: 'error',
} as const;

async function bundleApp({ top, directory }: StageBundleOptions, natives: readonly string[]): Promise<void> {
  await build({
    ...shared,
    absWorkingDir: top,
    entryPoints: { main: 'app/main.ts', 'scrypt-worker': 'app/accounts/scrypt-worker.ts' },
    outdir: join(directory, 'app'),
    external: [...natives],
  });
}

async function bundlePrograms({ top, directory }: StageBundleOptions): Promise<void> {
  const programs = ['read-settings', 'report-start', 'watch-drain', 'ship-logs'];
  await build({
    ...shared,
    absWorkingDir: top,
    entryPoints: programs.map((name) => `lib/instance/programs/${name}.ts`),
    outdir: join(directory, 'instance'),
    // The AWS SDK once for all of them.
    splitting: true,
  });
}

function copyAll(from: string, to: string, names: RegExp): void {
  const files = readdirSync(from).filter((name) => names.test(name));
  if (files.length === 0) throw new Error(`nothing to copy in ${basename(from)}`);
  for (const name of files) copyFileSync(join(from, name), join(to, name));
}
