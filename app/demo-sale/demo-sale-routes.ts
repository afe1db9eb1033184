import { z } from 'zod';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { demoSaleRequestSchema, demoSaleStateSchema } from './demo-sale.ts';
import type { DemoSales } from './demo-sales.ts';

const noStore = { 'Cache-Control': 'no-store' };

/** `sales` is undefined in every shop but the local one, which answers that it has no such sales. */
export function demoSaleRoutes({ sales }: { readonly sales: DemoSales | undefined }): Route[] {
  const readRoute = defineRoute({
    id: 'readDemoSale',
    method: 'get',
    path: '/admin/demo-sale',
    tag: 'Administration',
    summary: 'Read the latest sale to a made-up crowd, while it runs and for an hour after.',
    access: 'viewer',
    schema: {},
    replies: {
      200: z
        .object({
          isAvailable: z.boolean().meta({ description: 'True in a shop of `./scripts/up` only.' }),
          sale: demoSaleStateSchema.nullable(),
        })
        .meta({ title: 'DemoSaleAnswer' }),
    },
    handle: async () => ({
      status: 200,
      headers: noStore,
      body: { isAvailable: sales !== undefined, sale: (await sales?.read()) ?? null },
    }),
  });

  const startRoute = defineRoute({
    id: 'startDemoSale',
    method: 'post',
    path: '/admin/demo-sale',
    tag: 'Administration',
    summary: 'Sell units of a demo product to a made-up crowd, from a process beside the shop.',
    access: 'operator',
    schema: { body: demoSaleRequestSchema },
    replies: { 202: demoSaleStateSchema },
    problems: ['demo_sale_unavailable', 'demo_sale_running'],
    handle: async ({ body }) => {
      if (sales === undefined) return problem('demo_sale_unavailable');
      const sale = await sales.request(body);
      return sale === undefined
        ? problem('demo_sale_running')
        : { status: 202, headers: noStore, body: sale };
    },
  });

  const stopRoute = defineRoute({
    id: 'stopDemoSale',
    method: 'delete',
    path: '/admin/demo-sale',
    tag: 'Administration',
    summary: 'Stop the sale to a made-up crowd. Without one, nothing happens.',
    access: 'operator',
    schema: {},
    replies: { 204: null },
    problems: ['demo_sale_unavailable'],
    handle: async () => {
      if (sales === undefined) return problem('demo_sale_unavailable');
      await sales.stop();
      return { status: 204, headers: noStore };
    },
  });

  return [readRoute, startRoute, stopRoute];
}
