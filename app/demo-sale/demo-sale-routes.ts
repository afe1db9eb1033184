import { z } from 'zod';
import { problem } from '../http/contract/problem.ts';
import { defineRoute, type Route } from '../http/contract/route.ts';
import { recordAction } from '../operators/action-sql.ts';
import { type Actor, actorOf } from '../operators/admin-action.ts';
import type { Database } from '../platform/mysql/database.ts';
import { demoSaleRequestSchema, demoSaleStateSchema } from './demo-sale.ts';
import type { Announce, DemoSales } from './demo-sales.ts';

const noStore = { 'Cache-Control': 'no-store' };

/** `sales` is undefined in every shop but the local one, which answers that it has no such sales. */
export function demoSaleRoutes({
  database,
  sales,
}: {
  readonly database: Database;
  readonly sales: DemoSales | undefined;
}): Route[] {
  /**
   * Before the request to Redis, which is part of no transaction: no sale starts without its trail. If Redis
   * then fails, the trail has a sale that did not start, and none that was refused.
   */
  const record =
    (actor: Actor, action: 'demo_sale_started' | 'demo_sale_stopped'): Announce =>
    (sale) =>
      database.withTransaction({ name: 'record_demo_sale', rerunnable: false }, (tx) =>
        recordAction(tx, actor, {
          action,
          target: { kind: 'demo_sale', id: sale.id },
          after: { buyers: sale.buyers, units: sale.units },
        }),
      );

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
    handle: async ({ body, caller, requestId }) => {
      if (sales === undefined) return problem('demo_sale_unavailable');
      const sale = await sales.request(body, record(actorOf(caller, requestId), 'demo_sale_started'));
      if (sale === undefined) return problem('demo_sale_running');
      return { status: 202, headers: noStore, body: sale };
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
    handle: async ({ caller, requestId }) => {
      if (sales === undefined) return problem('demo_sale_unavailable');
      await sales.stop(record(actorOf(caller, requestId), 'demo_sale_stopped'));
      return { status: 204, headers: noStore };
    },
  });

  return [readRoute, startRoute, stopRoute];
}
