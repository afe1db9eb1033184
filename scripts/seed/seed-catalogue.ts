import { createProducts } from '../../app/catalogue/create-products.ts';
import { readProductTerms } from '../../app/catalogue/product-sql.ts';
import { isDuplicateKey } from '../../app/platform/mysql/database-errors.ts';
import { DEMO_TIME, demoCatalogue } from './demo-catalogue.ts';
import { findUnshownPictures } from './find-unshown-pictures.ts';
import {
  announcePictures,
  type Picture,
  reannouncePictures,
  type SeedPicturesDependencies,
  uploadPictures,
} from './seed-pictures.ts';

export interface SeedCatalogueOptions extends SeedPicturesDependencies {
  /** Folder of rendered pictures. */
  readonly cacheDir: string;
}

export interface SeededCatalogue {
  readonly createdCount: number;
  readonly renderedCount: number;
  readonly uploadedCount: number;
}

/**
 * Creates missing demo products with their stock and one picture each. Keeps what an admin has changed,
 * deleted or taken off sale. Uploads a picture again if its objects are gone (an emulator that keeps data in
 * memory) or if its upload was interrupted.
 */
export async function seedCatalogue(options: SeedCatalogueOptions): Promise<SeededCatalogue> {
  const { database, bucket } = options;
  const productIds = demoCatalogue.map(({ id }) => id);
  const [known, unshown] = await Promise.all([
    database.withTransaction({ name: 'seed_read_products', rerunnable: true }, (tx) =>
      readProductTerms(tx, productIds),
    ),
    findUnshownPictures({ database, bucket }),
  ]);
  const pictured = demoCatalogue.filter(({ id, imageId }) => !known.has(id) || unshown.has(imageId));
  if (pictured.length === 0) return { createdCount: 0, renderedCount: 0, uploadedCount: 0 };

  // Load only when there is something to draw: it brings sharp and the fonts.
  const { renderPictures } = await import('./images/render-pictures.ts');
  const { files, renderedCount } = await renderPictures(pictured, options.cacheDir);
  // Newest first, as the catalogue lists them: the first page has its pictures while the last is still
  // rendering.
  const pictures = pictured.toReversed().map(({ id, imageId }): Picture => {
    const bytes = files.get(imageId);
    if (bytes === undefined) throw new Error(`no picture was rendered for ${id}`);
    return { productId: id, imageId, bytes };
  });
  await reannouncePictures(
    options,
    pictures.filter(({ imageId }) => unshown.has(imageId)),
  );
  const createdCount = await createMissing(options, pictures);
  await uploadPictures(options, pictures);
  return { createdCount, renderedCount, uploadedCount: pictures.length };
}

/** Creates missing products with stock and an announced picture, all or none. Returns the number created. */
async function createMissing(options: SeedCatalogueOptions, pictures: readonly Picture[]): Promise<number> {
  try {
    return await options.database.withTransaction({ name: 'seed_products', rerunnable: true }, async (tx) => {
      const known = await readProductTerms(
        tx,
        pictures.map(({ productId }) => productId),
      );
      const newPictures = pictures.filter(({ productId }) => !known.has(productId));
      const newIds = new Set(newPictures.map(({ productId }) => productId));
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
      await announcePictures(tx, newPictures, options);
      return products.length;
    });
  } catch (error) {
    // A concurrent run has written the same rows.
    if (isDuplicateKey(error)) return 0;
    throw error;
  }
}
