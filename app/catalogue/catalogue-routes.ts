import { z } from 'zod';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { pageSchema, requestedIdSchema } from '../http/contract/schemas.ts';
import { taggedReply } from '../http/contract/tagged-reply.ts';
import { type AdminProductDependencies, adminProductRoutes } from './admin-product-routes.ts';
import { listProducts } from './list-products.ts';
import { listingCursor, listingQuerySchema, parseListing } from './listing-request.ts';
import { productReplies } from './product-replies.ts';
import { productReplySchema } from './product-reply.ts';
import { findProductsOnSale } from './product-sql.ts';

/**
 * How long CloudFront may cache a list or a product. The stock they show is a hint: only an order decides.
 */
const FRESH_S = 5;

export function catalogueRoutes(dependencies: AdminProductDependencies): Route[] {
  const { database } = dependencies;

  const listRoute = defineRoute({
    id: 'listProducts',
    method: 'get',
    path: '/products',
    tag: 'Catalogue',
    summary:
      'List products on sale, filtered and sorted (`newest` by default). A page may be shorter than ' +
      '`limit`: the list ends when `nextCursor` is null.',
    access: 'anyone',
    schema: { query: listingQuerySchema },
    replies: { 200: pageSchema(productReplySchema), 304: null },
    replyHeaders: ['ETag'],
    handle: async ({ query }) => {
      const listing = parseListing(query);
      if (listing.code === 'invalid') return problem('validation_failed', { errors: listing.errors });
      if (listing.code === 'no_matches') return taggedReply({ data: [], nextCursor: null }, FRESH_S);
      const { products, next } = await listProducts(database, listing.query);
      const data = await productReplies(dependencies, products);
      const nextCursor = next === undefined ? null : listingCursor(listing.query.sort, next);
      return taggedReply({ data, nextCursor }, FRESH_S);
    },
  });

  const detailRoute = defineRoute({
    id: 'readProduct',
    method: 'get',
    path: '/products/:productId',
    tag: 'Catalogue',
    summary: 'Read a product on sale.',
    access: 'anyone',
    schema: { path: z.object({ productId: requestedIdSchema }) },
    replies: { 200: productReplySchema, 304: null },
    replyHeaders: ['ETag'],
    problems: ['product_not_found'],
    handle: async ({ path }) => {
      const products = await findProductsOnSale(database.readReplica, [path.productId]);
      const [reply] = await productReplies(dependencies, products);
      return reply === undefined ? problem('product_not_found') : taggedReply(reply, FRESH_S);
    },
  });

  return [listRoute, detailRoute, ...adminProductRoutes(dependencies)];
}
