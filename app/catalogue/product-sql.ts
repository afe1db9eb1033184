import type { Database, Read, Transaction } from '../platform/mysql/database.ts';
import { chunksOf, IDS_MAX } from '../platform/mysql/chunks-of.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly priceKrw: number;
  readonly status: 'ACTIVE' | 'INACTIVE';
  /** Units that one customer may hold in orders that are not cancelled; undefined means no limit. */
  readonly purchaseLimit: number | undefined;
  /** The first moment at which it may be ordered; undefined means since ever. */
  readonly saleFrom?: Date | undefined;
  /** The first moment at which it may no longer be ordered; undefined means for good. */
  readonly saleUntil?: Date | undefined;
  readonly createdAt: Date;
}

/** A product with its stock as last committed; an order may have bought it since. */
export interface ProductWithStock extends Product {
  readonly stock: number;
}

/** A product as admins see it. */
export interface VersionedProduct extends Product {
  /** Starts at 1 and is raised by every edit. Stock changes do not count. */
  readonly version: number;
  readonly updatedAt: Date;
}

/** The part of a product that an order needs. */
export type ProductTerms = Pick<
  Product,
  'id' | 'name' | 'priceKrw' | 'status' | 'purchaseLimit' | 'saleFrom' | 'saleUntil'
>;

interface ProductRow {
  id: Buffer;
  name: string;
  description: string;
  price: number;
  status: Product['status'];
  purchase_limit: number | null;
  sale_from: Date | null;
  sale_until: Date | null;
  created_at: Date;
  quantity: number;
}

const SELECT = `SELECT p.id, p.name, p.description, p.price, p.status, p.purchase_limit, p.sale_from,
  p.sale_until, p.created_at, s.quantity FROM products p JOIN product_stock s ON s.product_id = p.id`;

/** Products with a stock row, on sale or not, in no particular order. Uses the primary key. */
export async function findProducts(read: Read, ids: readonly string[]): Promise<ProductWithStock[]> {
  if (ids.length === 0) return [];
  const rows = await read<ProductRow>(`${SELECT} WHERE p.id IN (?)`, [ids.map(uuidBytes)]);
  return rows.map(productOf);
}

/** Products on sale, from the writer or a replica, in no particular order. Uses the primary key. */
export async function findProductsOnSale(read: Read, ids: readonly string[]): Promise<ProductWithStock[]> {
  return (await findProducts(read, ids)).filter(({ status }) => status === 'ACTIVE');
}

interface VersionedRow extends ProductRow {
  version: number;
  updated_at: Date;
}

const VERSIONED = `SELECT p.id, p.name, p.description, p.price, p.status, p.purchase_limit, p.sale_from,
  p.sale_until, p.created_at, p.version, p.updated_at, s.quantity
  FROM products p JOIN product_stock s ON s.product_id = p.id`;

/** Products created before `beforeId`, on sale or not, newest first. Uses the primary key. */
export async function listAllProducts(
  database: Database,
  { beforeId, limit }: { beforeId: string | undefined; limit: number },
): Promise<(VersionedProduct & ProductWithStock)[]> {
  const [where, values] = beforeId === undefined ? ['', []] : ['WHERE p.id < ?', [uuidBytes(beforeId)]];
  const rows = await database.read<VersionedRow>(`${VERSIONED} ${where} ORDER BY p.id DESC LIMIT ?`, [
    ...values,
    limit,
  ]);
  return rows.map(versionedProductOf);
}

/** A product, on sale or not. Uses the primary key. */
export async function findProduct(
  read: Read,
  id: string,
): Promise<(VersionedProduct & ProductWithStock) | undefined> {
  return (await findVersionedProducts(read, [id]))[0];
}

/** The products among these that exist, on sale or not, newest first. Uses the primary key. */
export async function findVersionedProducts(
  read: Read,
  ids: readonly string[],
): Promise<(VersionedProduct & ProductWithStock)[]> {
  if (ids.length === 0) return [];
  const rows = await read<VersionedRow>(`${VERSIONED} WHERE p.id IN (?) ORDER BY p.id DESC`, [
    ids.map(uuidBytes),
  ]);
  return rows.map(versionedProductOf);
}

/** Locks the rows of these products, ascending, and returns those that exist. Orders never wait for it. */
export async function lockProducts(
  tx: Transaction,
  ids: readonly string[],
): Promise<Omit<VersionedProduct, 'updatedAt'>[]> {
  const rows = await tx.read<VersionedRow>(
    `SELECT id, name, description, price, status, purchase_limit, sale_from, sale_until, created_at, version
     FROM products FORCE INDEX (PRIMARY) WHERE id IN (?) ORDER BY id FOR UPDATE`,
    [ids.toSorted().map(uuidBytes)],
  );
  return rows.map((row) => ({ ...productOf(row), version: row.version }));
}

/** Writes a product whose row is locked by this transaction. */
export async function updateProduct(tx: Transaction, product: VersionedProduct): Promise<void> {
  await tx.write(
    `UPDATE products SET name = ?, description = ?, price = ?, status = ?, purchase_limit = ?,
       sale_from = ?, sale_until = ?, version = ?, updated_at = ? WHERE id = ?`,
    [
      product.name,
      product.description,
      product.priceKrw,
      product.status,
      product.purchaseLimit ?? null,
      product.saleFrom ?? null,
      product.saleUntil ?? null,
      product.version,
      product.updatedAt,
      uuidBytes(product.id),
    ],
  );
}

/** Reads product terms inside an order's transaction. Takes no lock, so that admins never wait for orders. */
export async function readProductTerms(
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, ProductTerms>> {
  const rows = await Promise.all(
    chunksOf(ids, IDS_MAX).map((chunk) =>
      tx.read<Omit<ProductRow, 'description' | 'created_at' | 'quantity'>>(
        `SELECT id, name, price, status, purchase_limit, sale_from, sale_until FROM products
         WHERE id IN (?)`,
        [chunk.map(uuidBytes)],
      ),
    ),
  );
  return new Map(
    rows.flat().map((row) => {
      const id = uuidText(row.id);
      const { name, status } = row;
      const purchaseLimit = row.purchase_limit ?? undefined;
      return [id, { id, name, status, priceKrw: row.price, purchaseLimit, ...saleWindowOf(row) }];
    }),
  );
}

export async function insertProducts(tx: Transaction, products: readonly Product[]): Promise<void> {
  await tx.write(
    `INSERT INTO products
       (id, name, description, price, status, purchase_limit, sale_from, sale_until, version, created_at,
        updated_at) VALUES ?`,
    [
      products.map((product) => [
        uuidBytes(product.id),
        product.name,
        product.description,
        product.priceKrw,
        product.status,
        product.purchaseLimit ?? null,
        product.saleFrom ?? null,
        product.saleUntil ?? null,
        1,
        product.createdAt,
        product.createdAt,
      ]),
    ],
  );
}

function versionedProductOf(row: VersionedRow): VersionedProduct & ProductWithStock {
  return { ...productOf(row), version: row.version, updatedAt: row.updated_at };
}

function productOf(row: ProductRow): ProductWithStock {
  return {
    id: uuidText(row.id),
    name: row.name,
    description: row.description,
    priceKrw: row.price,
    status: row.status,
    purchaseLimit: row.purchase_limit ?? undefined,
    ...saleWindowOf(row),
    createdAt: row.created_at,
    stock: row.quantity,
  };
}

function saleWindowOf(
  row: Pick<ProductRow, 'sale_from' | 'sale_until'>,
): Pick<Product, 'saleFrom' | 'saleUntil'> {
  return { saleFrom: row.sale_from ?? undefined, saleUntil: row.sale_until ?? undefined };
}
