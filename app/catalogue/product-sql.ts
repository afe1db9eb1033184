import type { Database, Transaction } from '../platform/database.ts';
import { chunksOf, IDS_MAX } from '../platform/chunks-of.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly priceKrw: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Units that one user may hold in orders that are not cancelled; undefined is no limit. */
  readonly purchaseLimit: number | undefined;
  readonly createdAt: Date;
}

/** A product with its stock as last committed; another order may have taken it since. */
export interface ProductWithStock extends Product {
  readonly stock: number;
}

/** What an order needs to know of a product. */
export type ProductTerms = Pick<Product, 'id' | 'name' | 'priceKrw' | 'status' | 'purchaseLimit'>;

interface ProductRow {
  id: Buffer;
  name: string;
  description: string;
  price: number;
  status: Product['status'];
  purchase_limit: number | null;
  created_at: Date;
  quantity: number;
}

const SELECT = `SELECT p.id, p.name, p.description, p.price, p.status, p.purchase_limit, p.created_at, s.quantity
  FROM products p JOIN product_stock s ON s.product_id = p.id`;

/** Newest first, made before `beforeId`; by the index products_on_sale (status, id), read backwards. */
export async function listProductsOnSale(
  database: Database,
  { beforeId, limit }: { beforeId: string | undefined; limit: number },
): Promise<ProductWithStock[]> {
  const rows =
    beforeId === undefined
      ? await database.readReplica<ProductRow>(
          `${SELECT} WHERE p.status = 'ACTIVE' ORDER BY p.id DESC LIMIT ?`,
          [limit],
        )
      : await database.readReplica<ProductRow>(
          `${SELECT} WHERE p.status = 'ACTIVE' AND p.id < ? ORDER BY p.id DESC LIMIT ?`,
          [uuidBytes(beforeId), limit],
        );
  return rows.map(productOf);
}

/** Those of the ids that are on sale, in no order; by the primary key. */
export async function findProductsOnSale(
  database: Database,
  ids: readonly string[],
): Promise<ProductWithStock[]> {
  if (ids.length === 0) return [];
  const rows = await database.readReplica<ProductRow>(`${SELECT} WHERE p.id IN (?) AND p.status = 'ACTIVE'`, [
    ids.map(uuidBytes),
  ]);
  return rows.map(productOf);
}

/** Name, price and status inside the transaction of an order. A plain read: admins do not wait for orders. */
export async function readProductTerms(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, ProductTerms>> {
  const rows = await Promise.all(
    chunksOf(ids, IDS_MAX).map((chunk) =>
      tx.read<Omit<ProductRow, 'description' | 'created_at' | 'quantity'>>(
        'SELECT id, name, price, status, purchase_limit FROM products WHERE id IN (?)',
        [chunk.map(uuidBytes)],
      ),
    ),
  );
  return new Map(
    rows.flat().map((row) => {
      const id = uuidText(row.id);
      const { name, status } = row;
      return [id, { id, name, status, priceKrw: row.price, purchaseLimit: row.purchase_limit ?? undefined }];
    }),
  );
}

export async function insertProducts(tx: Transaction, products: readonly Product[]): Promise<void> {
  await tx.write(
    `INSERT INTO products
       (id, name, description, price, status, purchase_limit, version, created_at, updated_at) VALUES ?`,
    [
      products.map((product) => [
        uuidBytes(product.id),
        product.name,
        product.description,
        product.priceKrw,
        product.status,
        product.purchaseLimit ?? null,
        1,
        product.createdAt,
        product.createdAt,
      ]),
    ],
  );
}

function productOf(row: ProductRow): ProductWithStock {
  return {
    id: uuidText(row.id),
    name: row.name,
    description: row.description,
    priceKrw: row.price,
    status: row.status,
    purchaseLimit: row.purchase_limit ?? undefined,
    createdAt: row.created_at,
    stock: row.quantity,
  };
}
