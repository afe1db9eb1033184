import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** The folders of shared libraries below a root of unpacked packages, for LD_LIBRARY_PATH. */
export async function libraryPath(root: string): Promise<string> {
  const triple = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const folders = [`usr/lib/${triple}`, `lib/${triple}`, 'usr/lib', 'lib'].map((folder) =>
    join(root, folder),
  );
  const found = await Promise.all(
    folders.map((folder) =>
      access(folder).then(
        () => folder,
        () => undefined,
      ),
    ),
  );
  return found.filter((folder) => folder !== undefined).join(':');
}
