import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';

/**
 * Packs a folder into a `.tar.gz` unless the file already has this content. Returns its SHA-256 and whether
 * it was written. Compressing takes seconds, hashing a fraction of one.
 */
export async function writeArchive(
  directory: string,
  file: string,
): Promise<{ sha256: string; isNew: boolean }> {
  const content = createHash('sha256');
  await pipeline(tarArchive(directory), content);
  const contentHash = content.digest('hex');
  const stamp = `${file}.content-hash`;
  const isThere = existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === contentHash;
  if (!isThere) {
    // The gzip header contains no time and no file name.
    await pipeline(tarArchive(directory), createGzip({ level: 6 }), createWriteStream(`${file}.new`));
    renameSync(`${file}.new`, file);
    writeFileSync(stamp, contentHash);
  }
  const packed = createHash('sha256');
  await pipeline(createReadStream(file), packed);
  return { sha256: packed.digest('hex'), isNew: !isThere };
}

/**
 * The files of a folder as a tar archive, sorted and without times and owners, so that it depends only on
 * their names, contents and executable bits. The same tree gives the same bytes on any machine, which no
 * system's own `tar` promises. Follows links.
 */
function tarArchive(directory: string): Pack {
  const archive = pack();
  void addFiles(archive, directory).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  return archive;
}

async function addFiles(archive: Pack, directory: string): Promise<void> {
  for (const name of filesOf(directory)) {
    const file = join(directory, name);
    const content = readFileSync(file);
    const mode = (statSync(file).mode & 0o111) === 0 ? 0o644 : 0o755;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      archive.entry({ name, mode, size: content.length, mtime: new Date(0) }, done).end(content);
    });
  }
}

/** Paths with slashes, in byte order. */
function filesOf(directory: string, below = ''): string[] {
  return readdirSync(join(directory, below))
    .toSorted()
    .flatMap((name) => {
      const path = below === '' ? name : `${below}/${name}`;
      return statSync(join(directory, path)).isDirectory() ? filesOf(directory, path) : [path];
    });
}
