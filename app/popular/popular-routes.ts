import { z } from 'zod';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { idSchema, krwSchema, queryIntegerSchema, timeSchema } from '../http/contract/schemas.ts';
import { POPULAR_MAX, POPULAR_TTL_S } from './popular-list.ts';
import { createPopularProducts, type PopularDependencies } from './popular-products.ts';

const POPULAR_DEFAULT = 5;

const popularReplySchema = z
  .object({
    data: z.array(
      z.object({ id: idSchema, name: z.string(), price: krwSchema, units: z.int(), revenue: krwSchema }),
    ),
    window: z.object({ from: timeSchema, to: timeSchema }),
    generatedAt: timeSchema,
  })
  .meta({ title: 'PopularProducts' });

export function popularRoutes(dependencies: PopularDependencies): Route[] {
  const popular = createPopularProducts(dependencies);
  const popularRoute = defineRoute({
    id: 'listPopularProducts',
    method: 'get',
    path: '/products/popular',
    tag: 'Catalogue',
    summary:
      'List the best sellers of the last 72 hours by units. The list is at most 60 s old, or ten ' +
      'minutes while no newer one is available.',
    access: 'anyone',
    schema: { query: z.object({ limit: queryIntegerSchema(1, POPULAR_MAX).optional() }) },
    replies: { 200: popularReplySchema, 304: null },
    replyHeaders: ['ETag'],
    handle: async ({ query }) => {
      const { untilMs, answer } = await popular();
      const leftS = Math.ceil((untilMs - dependencies.nowMs()) / 1000);
      const { body, etag } = answer(query.limit ?? POPULAR_DEFAULT);
      const freshS = Math.min(POPULAR_TTL_S, Math.max(0, leftS));
      return {
        status: 200,
        headers: { ETag: etag, 'Cache-Control': `public, max-age=${freshS}` },
        body,
      };
    },
  });

  return [popularRoute];
}
