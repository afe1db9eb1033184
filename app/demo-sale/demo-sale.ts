import { z } from 'zod';
import { timeSchema } from '../http/contract/schemas.ts';

/** What an operator asks for. The bounds keep a button from becoming an attack on the machine. */
export const demoSaleRequestSchema = z
  .strictObject({
    buyers: z.int().min(1).max(20_000).default(10_000).meta({ description: 'Orders that are sent.' }),
    units: z.int().min(1).max(20_000).default(100).meta({ description: 'Units for sale.' }),
    overS: z
      .int()
      .min(0)
      .max(60)
      .default(10)
      .meta({ description: 'Seconds over which the buyers arrive; 0 for all at once.' }),
    naive: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether a server that is written the usual way then sells as many units.' }),
  })
  .meta({ title: 'DemoSaleRequest' });

export type DemoSaleRequest = z.infer<typeof demoSaleRequestSchema>;

const laneSchema = z
  .object({
    seller: z.enum(['rowlock', 'usual']),
    startedAt: timeSchema,
    isOver: z.boolean(),
    left: z
      .array(z.tuple([z.int(), z.int()]).meta({ items: { type: 'integer' } }))
      .meta({ description: 'Milliseconds since the start, and the units left then.' }),
    answered: z.int().meta({ description: 'Buyers who have their answer.' }),
    byCode: z
      .record(z.string(), z.int())
      .meta({ description: 'Answers by problem code; `placed` for orders.' }),
    result: z
      .object({
        placed: z.int(),
        oversold: z.int(),
        untold: z.int().meta({ description: 'Orders recorded without an answer, or answered without one.' }),
        soldOutAfterMs: z.number().nullable(),
        placedPerS: z.number(),
        placedP99Ms: z.number(),
        allP99Ms: z.number(),
        durationMs: z.number(),
      })
      .nullable()
      .meta({ description: 'Null until every buyer has an answer.' }),
  })
  .meta({ title: 'DemoSaleLane' });

export const demoSaleStateSchema = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'stopped', 'failed']),
    updatedAt: timeSchema,
    product: z.object({ id: z.string(), name: z.string() }).nullable(),
    units: z.int(),
    buyers: z.int(),
    overS: z.int(),
    lanes: z.array(laneSchema),
    audit: z
      .object({ isClean: z.boolean(), line: z.string() })
      .nullable()
      .meta({ description: 'The verdict on the whole database after the sale.' }),
    reason: z.string().nullable().meta({ description: 'Why it failed.' }),
  })
  .meta({ title: 'DemoSale' });

export type DemoSaleState = z.infer<typeof demoSaleStateSchema>;
export type DemoSaleLane = DemoSaleState['lanes'][number];

/** Keys in Redis by which the API, ./scripts/up and the process of the sale meet. */
export const demoSaleKeys = {
  /** A list of requests, taken by ./scripts/up. */
  requests: 'demo-sale:requests',
  /** JSON of DemoSaleState, written by the process of the sale. */
  state: 'demo-sale:state',
  /** The id of the sale that is to stop. */
  stop: 'demo-sale:stop',
} as const;

/** A sale whose process has not written its state for this long is treated as over. */
export const DEMO_SALE_STALE_MS = 15_000;
/** How long the state of the latest sale is kept. */
export const DEMO_SALE_KEPT_S = 3600;

/** Whether a sale is under way, so that another may not begin. */
export function isUnderWay(sale: DemoSaleState | undefined, nowMs: number): boolean {
  if (sale === undefined || (sale.state !== 'waiting' && sale.state !== 'running')) return false;
  return nowMs - Date.parse(sale.updatedAt) < DEMO_SALE_STALE_MS;
}
