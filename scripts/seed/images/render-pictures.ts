import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { forEachAtOnce } from '../for-each-at-once.ts';
import { type Pictured, productPicture } from './product-picture.ts';

/**
 * 9 KB and 16 ms of a core a picture. With smartSubsample it is 55 ms and nobody sees it; effort above 2 doubles
 * the time for 6 % of the size.
 */
const webp = { quality: 86, effort: 2 } as const;

/**
 * The pictures of these products as WebP files, by image id. What has been rendered before from the same
 * drawings, with the same encoder, comes from a folder below `cacheDir`.
 */
export async function renderPictures(
  products: readonly (Pictured & { readonly imageId: string })[],
  cacheDir: string,
): Promise<{ files: Map<string, Buffer>; renderedCount: number }> {
  const files = new Map<string, Buffer>();
  let renderedCount = 0;
  const folder = join(cacheDir, `images-${hash(sharp.versions, webp)}`);
  await mkdir(folder, { recursive: true });
  await forEachAtOnce(products, availableParallelism() * 2, async (product) => {
    const svg = productPicture(product);
    const file = join(folder, `${hash(svg)}.webp`);
    const cached = await readFile(file).catch(() => undefined);
    if (cached !== undefined) {
      files.set(product.imageId, cached);
      return;
    }
    const bytes = await sharp(Buffer.from(svg)).webp(webp).toBuffer();
    // Two seedings at once must not read half a file of each other.
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, bytes);
    await rename(unfinished, file);
    files.set(product.imageId, bytes);
    renderedCount += 1;
  });
  return { files, renderedCount };
}

function hash(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
