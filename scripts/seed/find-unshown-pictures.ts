import type { ImageVariant, ProductImage } from '../../app/images/image-sql.ts';
import { imageKeys } from '../../app/images/image-keys.ts';
import type { Database } from '../../app/platform/mysql/database.ts';
import type { Bucket } from '../../app/platform/aws/s3.ts';
import { uuidBytes, uuidText } from '../../app/platform/uuid.ts';
import { DEMO_IMAGE_ID_PREFIX, demoCatalogue } from './demo-catalogue.ts';

interface PictureRow {
  id: Buffer;
  status: ProductImage['status'];
  variants: string | null;
}

/**
 * Ids of demo pictures that have a row but will never be published unless they are uploaded again: the run
 * that announced them was interrupted, they were rejected, or their objects are gone.
 */
export async function findUnshownPictures({
  database,
  bucket,
}: {
  database: Database;
  bucket: Bucket;
}): Promise<Set<string>> {
  const rows = await database.read<PictureRow>(
    'SELECT id, status, variants FROM product_images WHERE id IN (?)',
    [demoCatalogue.map(({ imageId }) => uuidBytes(imageId))],
  );
  // List objects after the rows: a worker that is encoding a picture deletes its upload last.
  const listed = await Promise.all([
    bucket.list(imageKeys.publicPrefix(DEMO_IMAGE_ID_PREFIX)),
    bucket.list(imageKeys.upload(DEMO_IMAGE_ID_PREFIX)),
  ]);
  const objects = new Set(listed.flat());
  const willBeShown = ({ id, status, variants }: PictureRow): boolean => {
    if (status === 'PROCESSING') return objects.has(imageKeys.upload(uuidText(id)));
    if (status !== 'READY' || variants === null) return status === 'REMOVED';
    return (JSON.parse(variants) as ImageVariant[]).every(({ key }) => objects.has(key));
  };
  return new Set(rows.filter((row) => !willBeShown(row)).map(({ id }) => uuidText(id)));
}
