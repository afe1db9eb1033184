import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { forEachAtOnce } from '../../for-each-at-once.ts';
import { type Pictured, productPicture } from './product-picture.ts';

/** 76 KB and 33 ms of CPU per picture. The shop re-encodes it for display, like any upload. */
const png = { compressionLevel: 6 } as const;
/** Twice the 72 dpi of a drawing: the size of the largest variant the shop makes. */
const DENSITY_DPI = 144;

/**
 * Renders the pictures of these products as PNG files, by image id. Reuses files below `cacheDir` that were
 * rendered from the same drawing with the same encoder.
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
    // Write to another name first: a concurrent run must not read a partial file.
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
