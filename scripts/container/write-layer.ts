import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { LayerEntry } from './layer-entries.ts';

export interface WrittenLayer {
  /** SHA-256 of the tar archive, by which the image's configuration names the layer. */
  readonly diffId: string;
  /** SHA-256 of the compressed archive, which is the name of the blob. */
  readonly digest: string;
  readonly size: number;
}

/** Below `blobs/sha256` of a layout. */
export const blobFolder = 'blobs/sha256';

/**
 * Writes a layer as a gzip blob of the layout. The same entries give the same bytes, on any machine with the
 * same Node. A layer whose content is already there is not compressed again.
 */
export async function writeLayer(layout: string, entries: readonly LayerEntry[]): Promise<WrittenLayer> {
  const diffId = await sha256Of(layerTar(entries));
  const blobs = join(layout, blobFolder);
  const known = join(layout, '../known-layers', `${diffId}.json`);
  mkdirSync(blobs, { recursive: true });
  mkdirSync(join(layout, '../known-layers'), { recursive: true });
  if (existsSync(known)) {
    const layer = JSON.parse(readFileSync(known, 'utf8')) as WrittenLayer;
    if (existsSync(join(blobs, layer.digest))) return layer;
  }
  const unnamed = join(blobs, `${diffId}.new`);
  // The gzip header contains no time and no file name.
  await pipeline(layerTar(entries), createGzip({ level: 6 }), createWriteStream(unnamed));
  const digest = await sha256Of(createReadStream(unnamed));
  const layer = { diffId, digest, size: statSync(unnamed).size };
  renameSync(unnamed, join(blobs, digest));
  writeFileSync(known, JSON.stringify(layer));
  return layer;
}

async function sha256Of(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(stream, hash);
  return hash.digest('hex');
}

function layerTar(entries: readonly LayerEntry[]): Pack {
  const archive = pack();
  void addEntries(archive, entries).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  );
  return archive;
}

async function addEntries(archive: Pack, entries: readonly LayerEntry[]): Promise<void> {
  for (const entry of entries) {
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      const header = { name: entry.name, uid: 0, gid: 0, mtime: new Date(0) };
      if (entry.type === 'symlink') {
        archive.entry({ ...header, type: 'symlink', linkname: entry.target, mode: 0o777 }, done);
      } else if (entry.type === 'directory') {
        archive.entry({ ...header, type: 'directory', mode: entry.mode }, done);
      } else {
        const content = 'path' in entry.content ? readFileSync(entry.content.path) : entry.content.bytes;
        archive.entry({ ...header, mode: entry.mode, size: content.length }, done).end(content);
      }
    });
  }
}
