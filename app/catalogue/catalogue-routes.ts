import { z } from 'zod';
import { pageOf } from '../http/page-cursor.ts';
import { problem } from '../http/problem.ts';
import { REPLAYED_HEADER, requestHash } from '../http/request-hash.ts';
import { defineRoute, type Route } from '../http/route.ts';
import {
  idSchema,
  PAGE_LIMIT_DEFAULT,
  pageQueryShape,
  pageSchema,
  PRICE_MAX_KRW,
  textSchema,
  timeSchema,
} from '../http/schemas.ts';
import { imageReply } from '../images/image-reply.ts';
import { findReadyImages } from '../images/image-sql.ts';
import type { Database } from '../platform/database.ts';
import { adjustStock, STOCK_MAX } from './adjust-stock.ts';
import { createProducts } from './create-products.ts';
import { productReply, productReplySchema } from './product-reply.ts';
import { findProductsOnSale, listProductsOnSale, type ProductWithStock } from './product-sql.ts';

const PURCHASE_LIMIT_MAX = 10_000;

const newProductSchema = z.strictObject({
  name: textSchema(1, 200),
  description: textSchema(0, 4000).default(''),
  price: z.int().min(0).max(PRICE_MAX_KRW),
  stock: z.int().min(0).max(STOCK_MAX),
  purchaseLimit: z.int().min(1).max(PURCHASE_LIMIT_MAX).nullable().default(null),
});

const adjustmentBodySchema = z.strictObject({
  delta: z
    .int()
    .min(-STOCK_MAX)
    .max(STOCK_MAX)
    .refine((delta) => delta !== 0, { error: 'must not be 0' }),
  reason: textSchema(1, 200),
});

const adjustmentReplySchema = z.object({
  productId: idSchema,
  delta: z.int(),
  stock: z.int(),
  stockSeq: z.int(),
  createdAt: timeSchema,
});

export interface CatalogueDependencies {
  readonly database: Database;
  readonly imageUrl: (objectKey: string) => string;
  readonly newId: () => string;
  readonly nowMs: () => number;
}

export function catalogueRoutes(dependencies: CatalogueDependencies): Route[] {
  const { database, imageUrl, newId, nowMs } = dependencies;

  const repliesOf = async (products: readonly ProductWithStock[]) => {
    const images = await findReadyImages(
      database,
      products.map(({ id }) => id),
    );
    return products.map((product) =>
      productReply(
        product,
        (images.get(product.id) ?? []).map((image) => imageReply(image, imageUrl)),
      ),
    );
  };

  const listRoute = defineRoute({
    method: 'get',
    path: '/products',
    tag: 'Catalogue',
    summary: 'Products on sale, newest first.',
    access: 'anyone',
    schema: { query: z.object(pageQueryShape(idSchema)) },
    replies: { 200: pageSchema(productReplySchema) },
    handle: async ({ query }) => {
      const limit = query.limit ?? PAGE_LIMIT_DEFAULT;
      const products = await listProductsOnSale(database, {
        beforeId: query.cursor,
        limit: limit + 1,
      });
      const { page, nextCursor } = pageOf(products, limit, ({ id }) => id);
      return { status: 200, body: { data: await repliesOf(page), nextCursor } };
    },
  });

  const detailRoute = defineRoute({
    method: 'get',
    path: '/products/:productId',
    tag: 'Catalogue',
    summary: 'One product on sale.',
    access: 'anyone',
    schema: { path: z.object({ productId: idSchema }) },
    replies: { 200: productReplySchema },
    problems: ['product_not_found'],
    handle: async ({ path }) => {
      const [reply] = await repliesOf(await findProductsOnSale(database, [path.productId]));
      return reply === undefined ? problem('product_not_found') : { status: 200, body: reply };
    },
  });

  const createRoute = defineRoute({
    method: 'post',
    path: '/admin/products',
    tag: 'Administration',
    summary: 'Put a product on sale.',
    access: 'admin',
    schema: { body: newProductSchema },
    replies: { 201: productReplySchema },
    handle: async ({ body }) => {
      const product = {
        id: newId(),
        name: body.name,
        description: body.description,
        priceKrw: body.price,
        status: 'ACTIVE' as const,
        purchaseLimit: body.purchaseLimit ?? undefined,
        createdAt: new Date(nowMs()),
      };
      await database.withTransaction({ name: 'create_product', rerunnable: false }, (tx) =>
        createProducts(tx, [{ ...product, openingStock: body.stock }]),
      );
      return {
        status: 201,
        headers: { Location: `/products/${product.id}` },
        body: productReply({ ...product, stock: body.stock }, []),
      };
    },
  });

  const adjustRoute = defineRoute({
    method: 'post',
    path: '/admin/products/:productId/stock-adjustments',
    tag: 'Administration',
    summary: 'Add or remove stock. With a key a repeated request changes nothing.',
    access: 'admin',
    idempotencyKey: 'optional',
    schema: { path: z.object({ productId: idSchema }), body: adjustmentBodySchema },
    replies: { 200: adjustmentReplySchema },
    problems: ['product_not_found', 'out_of_stock', 'idempotency_key_reused'],
    handle: async ({ path: { productId }, body, idempotencyKey }) => {
      const result = await adjustStock(dependencies, {
        productId,
        delta: body.delta,
        reason: body.reason,
        idempotencyKey,
        requestHash: requestHash(body.delta, body.reason),
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
        case 'stock_too_large':
          return problem('validation_failed', {
            errors: [{ pointer: 'body/delta', detail: `the stock would pass ${STOCK_MAX}` }],
          });
        default:
          return problem(result.code);
      }
    },
  });

  return [listRoute, detailRoute, createRoute, adjustRoute];
}
