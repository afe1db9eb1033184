import type { Database, Transaction } from '../platform/database.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

export interface ProductImage {
  readonly id: string;
  readonly productId: string;
  readonly status: 'PENDING' | 'PROCESSING' | 'READY' | 'REJECTED';
  /** Key of the object in the images bucket. */
  readonly objectKey: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: Buffer;
  readonly createdAt: Date;
}

interface ProductImageRow {
  id: Buffer;
  product_id: Buffer;
  status: ProductImage['status'];
  object_key: string;
  content_type: string;
  size_bytes: number;
  sha256: Buffer;
  created_at: Date;
}

const COLUMNS = 'id, product_id, status, object_key, content_type, size_bytes, sha256, created_at';

/** Images of these products that may be shown, oldest first; by the index product_images_product. */
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

/** By the primary key; no lock. */
export async function findImage(database: Database, id: string): Promise<ProductImage | undefined> {
  const [row] = await database.read<ProductImageRow>(`SELECT ${COLUMNS} FROM product_images WHERE id = ?`, [
    uuidBytes(id),
  ]);
  return row && imageOf(row);
}

/** By the primary key, locked until the end of the transaction. */
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
      image.createdAt,
    ]),
  ]);
}

export async function setImageState(
  tx: Transaction,
  { id, status, objectKey }: Pick<ProductImage, 'id' | 'status' | 'objectKey'>,
): Promise<void> {
  await tx.write('UPDATE product_images SET status = ?, object_key = ? WHERE id = ?', [
    status,
    objectKey,
    uuidBytes(id),
  ]);
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
    createdAt: row.created_at,
  };
}
