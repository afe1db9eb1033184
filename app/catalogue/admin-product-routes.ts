import { z } from 'zod';
import { listPage } from '../http/contract/list-page.ts';
import { encodeCursor } from '../http/contract/page-cursor.ts';
import { problem } from '../http/contract/problem.ts';
import { REPLAYED_HEADER, requestHash } from '../http/contract/request-hash.ts';
import { defineRoute, type Reply, type Route } from '../http/contract/route.ts';
import {
  idSchema,
  areInOrder,
  momentSchema,
  PAGE_LIMIT_DEFAULT,
  pageQueryShape,
  pageSchema,
  PRICE_MAX_KRW,
  requestedIdSchema,
  timeSchema,
} from '../http/contract/schemas.ts';
import { textSchema } from '../http/contract/text-schema.ts';
import { matchesTag } from '../http/contract/tagged-reply.ts';
import { adminKey } from '../idempotency/admin-key.ts';
import { replyOnce } from '../idempotency/reply-once.ts';
import { actorOf } from '../operators/admin-action.ts';
import { adjustStock, STOCK_MAX } from './adjust-stock.ts';
import { createProduct } from './create-product.ts';
import { editProduct, type EditedProduct } from './edit-product.ts';
import { productReplies, type ProductRepliesDependencies } from './product-replies.ts';
import {
  adminProductReply,
  adminProductReplySchema,
  productReply,
  productReplySchema,
} from './product-reply.ts';
import { searchAllProducts } from './list-products.ts';
import { wordsSchema } from './listing-request.ts';
import { findProduct, listAllProducts } from './product-sql.ts';

const PURCHASE_LIMIT_MAX = 10_000;

const nameSchema = textSchema(1, 200);
const descriptionSchema = textSchema(0, 4000);
const priceSchema = z.int().min(0).max(PRICE_MAX_KRW);
const purchaseLimitSchema = z.int().min(1).max(PURCHASE_LIMIT_MAX).nullable();

const saleShape = {
  saleFrom: momentSchema.nullable().optional(),
  saleUntil: momentSchema.nullable().optional().meta({ description: 'After `saleFrom`.' }),
};
const startsBeforeItEnds = (sale: { saleFrom?: unknown; saleUntil?: unknown }) =>
  areInOrder(sale.saleFrom, sale.saleUntil);
const mustEndLater = { error: 'must be after saleFrom', path: ['saleUntil'] };

const newProductSchema = z
  .strictObject({
    name: nameSchema,
    description: descriptionSchema.default(''),
    price: priceSchema,
    stock: z.int().min(0).max(STOCK_MAX),
    purchaseLimit: purchaseLimitSchema.default(null),
    ...saleShape,
  })
  .refine(startsBeforeItEnds, mustEndLater)
  .meta({ title: 'NewProduct' });

/**
 * PUT replaces the resource, so every field is required, except those that clients of 0.1 do not know: they
 * stay as they are when left out.
 */
const editedProductSchema = z
  .strictObject({
    name: nameSchema,
    description: descriptionSchema,
    price: priceSchema,
    status: z.enum(['ACTIVE', 'INACTIVE']),
    purchaseLimit: purchaseLimitSchema,
    ...saleShape,
  })
  .refine(startsBeforeItEnds, mustEndLater)
  .meta({ title: 'EditedProduct' });

const adjustmentBodySchema = z
  .strictObject({
    delta: z
      .int()
      .min(-STOCK_MAX)
      .max(STOCK_MAX)
      .refine((delta) => delta !== 0, { error: 'must not be 0' })
      .meta({ not: { const: 0 } }),
    reason: textSchema(1, 200),
  })
  .meta({ title: 'StockAdjustment' });

const adjustmentReplySchema = z
  .object({
    productId: idSchema,
    delta: z.int(),
    stock: z.int(),
    stockSeq: z.int(),
    createdAt: timeSchema,
  })
  .meta({ title: 'AdjustedStock' });

export interface AdminProductDependencies extends ProductRepliesDependencies {
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export function adminProductRoutes(dependencies: AdminProductDependencies): Route[] {
  const { database, newId, nowMs } = dependencies;

  const repliesOf = async (products: readonly EditedProduct[]) => {
    const replies = await productReplies(dependencies, products);
    return products.map((product, index) => adminProductReply(product, replies[index]?.images ?? []));
  };
  const replyOf = async (product: EditedProduct): Promise<Reply> => {
    const [body] = await repliesOf([product]);
    return { status: 200, headers: { ETag: versionTag(product.version) }, body };
  };

  const listRoute = defineRoute({
    id: 'listAllProducts',
    method: 'get',
    path: '/admin/products',
    tag: 'Administration',
    summary:
      'List all products, on sale or not, newest first, or those whose name has the words of `q`. A page ' +
      'of those may be short, or empty, although another page follows.',
    access: 'viewer',
    schema: { query: z.object({ ...pageQueryShape(idSchema), q: wordsSchema.optional() }) },
    replies: { 200: pageSchema(adminProductReplySchema) },
    handle: async ({ query: { q, cursor: beforeId, limit = PAGE_LIMIT_DEFAULT } }) => {
      if (q !== undefined && !q.isBlank) {
        if (q.words.length === 0) return { status: 200, body: { data: [], nextCursor: null } };
        const { products, next } = await searchAllProducts(database, { words: q.words, beforeId, limit });
        const nextCursor = next === undefined ? null : encodeCursor([next.id]);
        return { status: 200, body: { data: await repliesOf(products), nextCursor } };
      }
      const { page, nextCursor } = await listPage({
        limit,
        read: (rowsMax) => listAllProducts(database, { beforeId, limit: rowsMax }),
        keyOf: ({ id }) => id,
      });
      return { status: 200, body: { data: await repliesOf(page), nextCursor } };
    },
  });

  const detailRoute = defineRoute({
    id: 'readAnyProduct',
    method: 'get',
    path: '/admin/products/:productId',
    tag: 'Administration',
    summary: 'Read a product, on sale or not. An edit must send the ETag as `If-Match`.',
    access: 'viewer',
    schema: { path: z.object({ productId: requestedIdSchema }) },
    replies: { 200: adminProductReplySchema },
    replyHeaders: ['ETag'],
    problems: ['product_not_found'],
    handle: async ({ path }) => {
      const product = await findProduct(database.read, path.productId);
      return product === undefined ? problem('product_not_found') : replyOf(product);
    },
  });

  const editRoute = defineRoute({
    id: 'replaceProduct',
    method: 'put',
    path: '/admin/products/:productId',
    tag: 'Administration',
    summary: 'Replace a product, except its stock. `INACTIVE` takes it off sale.',
    access: 'operator',
    ifMatch: 'required',
    schema: { path: z.object({ productId: requestedIdSchema }), body: editedProductSchema },
    replies: { 200: adminProductReplySchema },
    replyHeaders: ['ETag'],
    problems: ['product_not_found', 'sale_window_empty'],
    handle: async ({
      caller,
      requestId,
      path,
      body: { price, purchaseLimit, saleFrom, saleUntil, ...body },
      ifMatch = '',
    }) => {
      const result = await editProduct(dependencies, {
        fields: {
          ...body,
          id: path.productId,
          priceKrw: price,
          purchaseLimit: purchaseLimit ?? undefined,
        },
        saleFrom,
        saleUntil,
        hasSeen: (version) => matchesTag(ifMatch, versionTag(version)),
        actor: actorOf(caller, requestId),
      });
      return result.code === 'edited' ? replyOf(result.product) : problem(result.code);
    },
  });

  const createRoute = defineRoute({
    id: 'createProduct',
    method: 'post',
    path: '/admin/products',
    tag: 'Administration',
    summary: 'Put a product on sale. With an idempotency key, a repeated request creates no second product.',
    access: 'operator',
    idempotencyKey: 'optional',
    schema: { body: newProductSchema },
    replies: { 201: productReplySchema },
    replyHeaders: ['Location', 'ETag'],
    handle: async ({ caller, requestId, body, idempotencyKey }) => {
      const request = {
        userId: caller.userId,
        operation: 'POST /admin/products',
        idempotencyKey,
        requestHash: requestHash(body),
      };
      return replyOnce(dependencies, request, async (tx) => {
        const { product } = await createProduct(
          { tx, newId, nowMs, actor: actorOf(caller, requestId) },
          {
            name: body.name,
            description: body.description,
            priceKrw: body.price,
            purchaseLimit: body.purchaseLimit ?? undefined,
            openingStock: body.stock,
            saleFrom: body.saleFrom ?? undefined,
            saleUntil: body.saleUntil ?? undefined,
          },
        );
        return {
          status: 201,
          headers: { Location: `/products/${product.id}`, ETag: versionTag(1) },
          body: productReply(product, []),
        };
      });
    },
  });

  const adjustRoute = defineRoute({
    id: 'adjustStock',
    method: 'post',
    path: '/admin/products/:productId/stock-adjustments',
    tag: 'Administration',
    summary: 'Add or remove stock. With an idempotency key, a repeated request changes nothing.',
    access: 'operator',
    idempotencyKey: 'optional',
    schema: { path: z.object({ productId: requestedIdSchema }), body: adjustmentBodySchema },
    replies: { 200: adjustmentReplySchema },
    problems: ['product_not_found', 'out_of_stock', 'stock_too_large', 'idempotency_key_reused'],
    handle: async ({ caller, requestId, path: { productId }, body, idempotencyKey }) => {
      const result = await adjustStock(dependencies, {
        productId,
        delta: body.delta,
        reason: body.reason,
        idempotencyKey: idempotencyKey && adminKey(caller.userId, idempotencyKey),
        requestHash: requestHash(body.delta, body.reason),
        actor: actorOf(caller, requestId),
      });
      switch (result.code) {
        case 'adjusted': {
          const { delta, quantityAfter, stockSeq, createdAt } = result.adjustment;
          return {
            status: 200,
            headers: result.replayed ? REPLAYED_HEADER : {},
            body: { productId, delta, stock: quantityAfter, stockSeq, createdAt },
          };
        }
        case 'out_of_stock':
          return problem('out_of_stock', {
            extra: { productId, requested: -body.delta, available: result.available },
          });
        default:
          return problem(result.code);
      }
    },
  });

  return [listRoute, detailRoute, editRoute, createRoute, adjustRoute];
}

function versionTag(version: number): string {
  return `"v${version}"`;
}
