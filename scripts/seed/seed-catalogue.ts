import { createHash } from 'node:crypto';
import { createProducts } from '../../app/catalogue/create-products.ts';
import { readProductTerms } from '../../app/catalogue/product-sql.ts';
import { findReadyImages, insertImages, type ProductImage } from '../../app/images/image-sql.ts';
import type { Database, Transaction } from '../../app/platform/database.ts';
import { isDuplicateKey } from '../../app/platform/database-errors.ts';
import type { Bucket } from '../../app/platform/s3.ts';
import { uuidBytes } from '../../app/platform/uuid.ts';
import { imagesBucket } from '../../lib/images-bucket.ts';
import { DEMO_IMAGE_ID_PREFIX, DEMO_TIME, demoCatalogue, type DemoProduct } from './demo-catalogue.ts';
import { forEachAtOnce } from './for-each-at-once.ts';

const UPLOADS_AT_ONCE = 8;
const CONTENT_TYPE = 'image/webp';

export interface SeedCatalogueOptions {
  readonly database: Database;
  readonly bucket: Bucket;
  /** Sizes of the objects under a prefix, by key. */
  readonly listObjects: (prefix: string) => Promise<Map<string, number>>;
  /** Where rendered pictures are kept. */
  readonly cacheDir: string;
}

export interface SeededCatalogue {
  readonly createdCount: number;
  readonly renderedCount: number;
  readonly uploadedCount: number;
}

/**
 * The demo products with their stock and one picture each. What an admin has since changed, deleted or taken off
 * sale stays as it is. A picture whose object is gone, as from an emulator that kept its data in memory, is
 * uploaded again. Objects come before the rows that name them, so a seeding that was cut short shows no broken
 * picture and the next one completes it.
 */
export async function seedCatalogue(options: SeedCatalogueOptions): Promise<SeededCatalogue> {
  const { database, bucket } = options;
  const productIds = demoCatalogue.map(({ id }) => id);
  const [known, images, objects] = await Promise.all([
    database.withTransaction({ name: 'seed_read_products', rerunnable: true }, (tx) =>
      readProductTerms(tx, productIds),
    ),
    findReadyImages(database, productIds),
    options.listObjects(`${imagesBucket.publicPrefix}${DEMO_IMAGE_ID_PREFIX}`),
  ]);
  const rows = new Map([...images.values()].flat().map((image) => [image.id, image]));
  const isNew = ({ id }: DemoProduct) => !known.has(id);
  const hasLostItsObject = ({ imageId }: DemoProduct) => {
    const row = rows.get(imageId);
    return row !== undefined && objects.get(row.objectKey) !== row.sizeBytes;
  };
  const pictured = demoCatalogue.filter((product) => isNew(product) || hasLostItsObject(product));
  if (pictured.length === 0) return { createdCount: 0, renderedCount: 0, uploadedCount: 0 };

  // Loaded when there is something to draw: it brings sharp and the fonts.
  const { renderPictures } = await import('./images/render-pictures.ts');
  const { files, renderedCount } = await renderPictures(pictured, options.cacheDir);
  const pictures = pictured.map((product) => pictureOf(product, files));
  await forEachAtOnce(pictures, UPLOADS_AT_ONCE, ({ image, bytes }) =>
    bucket.write(image.objectKey, bytes, image.contentType),
  );
  const redrawn = pictures
    .map(({ image }) => image)
    .filter(({ id, sha256 }) => rows.get(id)?.sha256.equals(sha256) === false);
  const createdCount = await writeRows(
    database,
    pictures.map(({ image }) => image),
    redrawn,
  );
  return { createdCount, renderedCount, uploadedCount: pictures.length };
}

function pictureOf(
  { id, imageId }: DemoProduct,
  files: ReadonlyMap<string, Buffer>,
): { image: ProductImage; bytes: Buffer } {
  const bytes = files.get(imageId);
  if (bytes === undefined) throw new Error(`no picture was rendered for ${id}`);
  const image: ProductImage = {
    id: imageId,
    productId: id,
    status: 'READY',
    objectKey: `${imagesBucket.publicPrefix}${imageId}.webp`,
    contentType: CONTENT_TYPE,
    sizeBytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest(),
    createdAt: DEMO_TIME,
  };
  return { image, bytes };
}

/** Products that are not there yet, with stock and image, all or none. Returns how many were new. */
async function writeRows(
  database: Database,
  images: readonly ProductImage[],
  redrawn: readonly ProductImage[],
): Promise<number> {
  try {
    return await database.withTransaction({ name: 'seed_products', rerunnable: true }, async (tx) => {
      const known = await readProductTerms(
        tx,
        images.map(({ productId }) => productId),
      );
      const newImages = images.filter(({ productId }) => !known.has(productId));
      const newIds = new Set(newImages.map(({ productId }) => productId));
      const products = demoCatalogue.filter(({ id }) => newIds.has(id));
      await createProducts(
        tx,
        products.map(({ id, name, description, priceKrw, purchaseLimit, openingStock }) => ({
          id,
          name,
          description,
          priceKrw,
          purchaseLimit,
          openingStock,
          status: 'ACTIVE' as const,
          createdAt: DEMO_TIME,
        })),
      );
      await insertImages(tx, newImages);
      await describeAgain(tx, redrawn);
      return products.length;
    });
  } catch (error) {
    // Another seeding, at the same time, has written the same rows.
    if (isDuplicateKey(error)) return 0;
    throw error;
  }
}

/** The rows of pictures that another release of the renderer, or of its encoder, had drawn. */
async function describeAgain(tx: Transaction, images: readonly ProductImage[]): Promise<void> {
  for (const { id, sizeBytes, sha256 } of images) {
    await tx.write('UPDATE product_images SET size_bytes = ?, sha256 = ? WHERE id = ?', [
      sizeBytes,
      sha256,
      uuidBytes(id),
    ]);
  }
}
