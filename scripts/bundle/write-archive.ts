import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tarArchive } from './tar-archive.ts';

/**
 * Packs a folder into a `.tar.gz`, unless it is there already with this content. Returns its SHA-256 and
 * whether it was written. Compressing takes seconds, hashing a fraction of one.
 */
export async function writeArchive(
  directory: string,
  file: string,
): Promise<{ sha256: string; isNew: boolean }> {
  const content = createHash('sha256');
  for (const chunk of tarArchive(directory)) content.update(chunk);
  const contentHash = content.digest('hex');
  const stamp = `${file}.content-hash`;
  const isThere = existsSync(file) && existsSync(stamp) && readFileSync(stamp, 'utf8') === contentHash;
  if (!isThere) {
    // No time and no name of a file in its header.
    await pipeline(
      Readable.from(tarArchive(directory)),
      createGzip({ level: 6 }),
      createWriteStream(`${file}.new`),
    );
    renameSync(`${file}.new`, file);
    writeFileSync(stamp, contentHash);
  }
  const packed = createHash('sha256');
  await pipeline(createReadStream(file), packed);
  return { sha256: packed.digest('hex'), isNew: !isThere };
}
