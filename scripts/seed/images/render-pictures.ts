import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { forEachAtOnce } from '../for-each-at-once.ts';
import { type Pictured, productPicture } from './product-picture.ts';

/** 76 KB and 33 ms of a core a picture. What the shop shows of it is made by the shop, as of any uploaded image. */
const png = { compressionLevel: 6 } as const;
/** Twice the 72 dpi of a drawing: as large as the largest file that the shop makes of it. */
const DENSITY_DPI = 144;

/**
 * The pictures of these products as PNG files, by image id. What has been rendered before from the same
 * drawings, with the same encoder, comes from a folder below `cacheDir`.
 */
export async function renderPictures(
  products: readonly (Pictured & { readonly imageId: string })[],
  cacheDir: string,
): Promise<{ files: Map<string, Buffer>; renderedCount: number }> {
  const files = new Map<string, Buffer>();
  let renderedCount = 0;
  const folder = join(cacheDir, `images-${hash(sharp.versions, png, DENSITY_DPI)}`);
  await mkdir(folder, { recursive: true });
  await forEachAtOnce(products, availableParallelism() * 2, async (product) => {
    const svg = productPicture(product);
    const file = join(folder, `${hash(svg)}.png`);
    const cached = await readFile(file).catch(() => undefined);
    if (cached !== undefined) {
      files.set(product.imageId, cached);
      return;
    }
    const bytes = await sharp(Buffer.from(svg), { density: DENSITY_DPI }).png(png).toBuffer();
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
