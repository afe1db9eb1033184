/**
 * Prints the packages of package-lock.json that this machine needs and node_modules lacks, one per line. Run
 * by scripts/bootstrap.sh with any Node from 20 on, before a single package can be counted on.
 *
 *   node scripts/missing-packages.mjs ROOT
 *
 * npm's own record of what it installed (node_modules/.package-lock.json) must have the locked version, and
 * the package's folder must be there. An optional package is needed when it is made for this machine's
 * processor, system and C library: those are the native binaries, Node 24 among them.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [root = '.'] = process.argv.slice(2);
const packagesIn = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages ?? {};
  } catch {
    return {};
  }
};
const installed = packagesIn('node_modules/.package-lock.json');
const fits = (allowed, own) => allowed === undefined || allowed.includes(own);
const libc = () => {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
};

for (const [path, wanted] of Object.entries(packagesIn('package-lock.json'))) {
  if (path === '' || (wanted.optional && wanted.cpu === undefined)) continue;
  if (!fits(wanted.os, process.platform) || !fits(wanted.cpu, process.arch)) continue;
  const isThere = installed[path]?.version === wanted.version && existsSync(join(root, path, 'package.json'));
  if (!isThere && (wanted.libc === undefined || fits(wanted.libc, libc()))) console.log(path);
}
