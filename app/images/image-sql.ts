import type { Database, Transaction } from '../platform/mysql/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

/** One of the files made from an uploaded image. */
export interface ImageVariant {
  /** The maximum side; smaller images are not enlarged. */
  readonly sizePx: number;
  readonly width: number;
  readonly height: number;
  /** Key of an object in the images bucket that never changes. */
  readonly key: string;
}

export interface ProductImage {
  readonly id: string;
  readonly productId: string;
  readonly status: 'PENDING' | 'PROCESSING' | 'READY' | 'REJECTED' | 'REMOVED';
  /** Key in the images bucket: the upload's, or the largest variant's once it exists. */
  readonly objectKey: string;
  /** Type, size and checksum of the upload. */
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
  /** Largest first. */
  readonly variants: readonly ImageVariant[];
  readonly createdAt: Date;
}

/** An image together with its row in image_jobs. */
export interface ImageInProgress extends ProductImage {
  /** The admin who announced the image; undefined once no work is left. */
  readonly announcedBy: string | undefined;
  /** Reason for the rejection. */
  readonly rejectedFor: string | undefined;
}

interface ProductImageRow {
  id: Buffer;
  product_id: Buffer;
  status: ProductImage['status'];
  object_key: string;
  content_type: string;
  size_bytes: number;
  sha256: Buffer;
  variants: string | null;
  created_at: Date;
}

const COLUMNS = 'id, product_id, status, object_key, content_type, size_bytes, sha256, variants, created_at';

/** READY images of these products, oldest first. Uses the index product_images_product. */
export async function findReadyImages(
  database: Database,
  productIds: readonly string[],
): Promise<Map<string, ProductImage[]>> {
  if (productIds.length === 0) return new Map();
  const rows = await database.readReplica<ProductImageRow>(
    `SELECT ${COLUMNS} FROM product_images WHERE product_id IN (?) AND status = 'READY' ORDER BY id`,
    [productIds.map(uuidBytes)],
  );
  return Map.groupBy(rows.map(imageOf), (image) => image.productId);
}

/** Uses the primary keys of both tables; no lock. */
export async function findImage(database: Database, id: string): Promise<ImageInProgress | undefined> {
  const [row] = await database.read<
    ProductImageRow & { announced_by: Buffer | null; rejected_for: string | null }
  >(
    `SELECT ${COLUMNS}, announced_by, rejected_for
     FROM product_images LEFT JOIN image_jobs ON image_id = id WHERE id = ?`,
    [uuidBytes(id)],
  );
  if (row === undefined) return undefined;
  return {
    ...imageOf(row),
    announcedBy: row.announced_by === null ? undefined : uuidText(row.announced_by),
    rejectedFor: row.rejected_for ?? undefined,
  };
}

/** Locks an image until the end of the transaction and reads it. Uses the primary key. */
export async function lockImage(tx: Transaction, id: string): Promise<ProductImage | undefined> {
  const [row] = await tx.read<ProductImageRow>(
    `SELECT ${COLUMNS} FROM product_images WHERE id = ? FOR UPDATE`,
    [uuidBytes(id)],
  );
  return row && imageOf(row);
}

export async function insertImages(tx: Transaction, images: readonly ProductImage[]): Promise<void> {
  if (images.length === 0) return;
  await tx.write(`INSERT INTO product_images (${COLUMNS}) VALUES ?`, [
    images.map((image) => [
      uuidBytes(image.id),
      uuidBytes(image.productId),
      image.status,
      image.objectKey,
      image.contentType,
      image.sizeBytes,
      image.sha256,
      image.variants.length === 0 ? null : JSON.stringify(image.variants),
      image.createdAt,
    ]),
  ]);
}

/** Call it with the image locked. */
export async function setImageStatus(
  tx: Transaction,
  id: string,
  status: ProductImage['status'],
): Promise<void> {
  await tx.write('UPDATE product_images SET status = ? WHERE id = ?', [status, uuidBytes(id)]);
}

/** Call it with the image locked. */
export async function setImageReady(
  tx: Transaction,
  id: string,
  variants: readonly ImageVariant[],
): Promise<void> {
  await tx.write("UPDATE product_images SET status = 'READY', object_key = ?, variants = ? WHERE id = ?", [
    variants[0]?.key ?? '',
    JSON.stringify(variants),
    uuidBytes(id),
  ]);
}

/** Call it with the image locked, after deleting its job. */
export async function deleteImage(tx: Transaction, id: string): Promise<void> {
  await tx.write('DELETE FROM product_images WHERE id = ?', [uuidBytes(id)]);
}

function imageOf(row: ProductImageRow): ProductImage {
  return {
    id: uuidText(row.id),
    productId: uuidText(row.product_id),
    status: row.status,
    objectKey: row.object_key,
    contentType: row.content_type,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    variants: row.variants === null ? [] : (JSON.parse(row.variants) as ImageVariant[]),
    createdAt: row.created_at,
  };
}
