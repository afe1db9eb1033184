import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasDebianTools } from '../../localstack/programs/apt.ts';
import { debianPackages } from '../../localstack/programs/debian-packages.ts';
import type { Log } from '../../localstack/processes/log.ts';
import type { BundleArch } from '../bundle/bundle-packages.ts';

/** Debian's stable release, whose libraries are newer than Node and sharp require. */
const SUITE = 'trixie';
/** The only libraries that Node and sharp load. */
const packages = ['libc6', 'libstdc++6', 'libgcc-s1'];

/**
 * Folder with the C and C++ libraries of Debian's stable release: no shell, no package manager, 12 MB. It is
 * downloaded once and kept in the cache; pass another cache folder to take a newer point release. Throws on
 * a machine without apt-get and dpkg-deb, or with other sources than Debian's.
 */
export async function baseRoot(arch: BundleArch, cacheDir: string, log: Log): Promise<string> {
  if (!(await hasDebianTools()))
    throw new Error('the base layer is made of Debian packages: run this on Debian (apt-get and dpkg-deb)');
  const { root } = await debianPackages({
    cacheDir,
    alternatives: [packages],
    log,
    otherSuite: {
      name: SUITE,
      arch,
      unused: /^(libc-l10n|libc-bin|locales|gcc-\d+-base)$/,
      // Tables for character sets that Node does not ask for, and texts for people. The licences stay.
      unopened: [
        'etc',
        'var',
        'usr/lib/*-linux-gnu/{gconv,audit}',
        'usr/share/{gdb,man,locale,lintian,bug,info,gcc}',
        'usr/share/doc/*/{changelog,NEWS,README,TODO}*',
      ],
      finish: linkLibraryFolders,
    },
  });
  return root;
}

/** Debian's base-files, which is not in the image, creates these links. */
async function linkLibraryFolders(root: string): Promise<void> {
  await mkdir(join(root, 'usr/lib'), { recursive: true });
  for (const folder of ['lib', 'lib64']) {
    if (existsSync(join(root, folder)))
      throw new Error(`a package of ${SUITE} still has files in /${folder}`);
    if (existsSync(join(root, 'usr', folder))) await symlink(`usr/${folder}`, join(root, folder));
  }
}
