import type { RedisStore } from '../platform/redis/redis.ts';
import {
  DEMO_SALE_KEPT_S,
  demoSaleKeys,
  type DemoSaleRequest,
  type DemoSaleState,
  demoSaleStateSchema,
  isUnderWay,
} from './demo-sale.ts';

export interface DemoSales {
  /** The latest sale of the last hour. */
  read(): Promise<DemoSaleState | undefined>;
  /** Asks ./scripts/up for a sale. Undefined if one is under way. */
  request(wanted: DemoSaleRequest, announce: Announce): Promise<DemoSaleState | undefined>;
  /** Ends the sale under way within a second. Returns its state, undefined if none is. */
  stop(announce: Announce): Promise<DemoSaleState | undefined>;
}

/** Gets the sale before Redis hears of its start or stop; if it rejects, neither happens. */
export type Announce = (sale: DemoSaleState) => Promise<void>;

/**
 * Sales to a made-up crowd, which the process of ./scripts/up runs: a load would slow the API that it is to
 * measure. Redis carries request and state, so a lost one costs a click. Methods throw OperationalError while
 * Redis does not answer.
 */
export function createDemoSales({
  redis,
  newId,
  nowMs,
}: {
  readonly redis: RedisStore;
  readonly newId: () => string;
  readonly nowMs: () => number;
}): DemoSales {
  const read = async (): Promise<DemoSaleState | undefined> => {
    const text = await redis.run((client) => client.get(demoSaleKeys.state));
    if (text === null) return undefined;
    const parsed = demoSaleStateSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  };
  return {
    read,
    async request({ buyers, units, overS, naive }, announce) {
      if (isUnderWay(await read(), nowMs())) return undefined;
      const sale: DemoSaleState = {
        id: newId(),
        state: 'waiting',
        updatedAt: new Date(nowMs()).toISOString(),
        product: null,
        units,
        buyers,
        overS,
        lanes: [],
        audit: null,
        reason: null,
      };
      await announce(sale);
      await redis.run((client) =>
        client
          .multi()
          .set(demoSaleKeys.state, JSON.stringify(sale), 'EX', DEMO_SALE_KEPT_S)
          .del(demoSaleKeys.requests)
          .rpush(demoSaleKeys.requests, JSON.stringify({ id: sale.id, buyers, units, overS, naive }))
          .expire(demoSaleKeys.requests, 60)
          .exec(),
      );
      return sale;
    },
    async stop(announce) {
      const sale = await read();
      if (sale === undefined || !isUnderWay(sale, nowMs())) return undefined;
      await announce(sale);
      await redis.run((client) => client.set(demoSaleKeys.stop, sale.id, 'EX', 60));
      return sale;
    },
  };
}
