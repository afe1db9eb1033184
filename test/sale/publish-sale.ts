import type { Redis } from 'ioredis';
import {
  DEMO_SALE_KEPT_S,
  type DemoSaleLane,
  type DemoSaleState,
  demoSaleKeys,
} from '../../app/demo-sale/demo-sale.ts';
import type { SaleProgress } from './hold-sale.ts';
import type { SaleFigures } from './sale-outcome.ts';

const PUBLISH_EVERY_MS = 250;

/** Shows a sale in the console while it runs. */
export interface PublishedSale {
  /** A seller begins. */
  begin(seller: DemoSaleLane['seller'], product: { readonly id: string; readonly name: string }): void;
  progress(progress: SaleProgress): void;
  finish(figures: SaleFigures): void;
  /** Writes the last state. */
  end(last: Pick<DemoSaleState, 'state' | 'audit' | 'reason'>): Promise<void>;
}

/**
 * Writes the state of a sale to Redis a few times a second, and calls `onStop` once an operator stops this
 * sale. An unreachable Redis leaves the console without a picture, and the sale as it is.
 */
export function publishSale({
  redis,
  onStop,
  ...sale
}: Pick<DemoSaleState, 'id' | 'units' | 'buyers' | 'overS'> & {
  readonly redis: Redis;
  readonly onStop: () => void;
}): PublishedSale {
  let product: DemoSaleState['product'] = null;
  const lanes: DemoSaleLane[] = [];
  const change = (changed: Partial<DemoSaleLane>) => {
    const lane = lanes.at(-1);
    if (lane !== undefined) lanes[lanes.length - 1] = { ...lane, ...changed };
  };
  const write = async (last: Pick<DemoSaleState, 'state' | 'audit' | 'reason'>): Promise<void> => {
    const state: DemoSaleState = { ...sale, ...last, product, lanes, updatedAt: new Date().toISOString() };
    await redis.set(demoSaleKeys.state, JSON.stringify(state), 'EX', DEMO_SALE_KEPT_S).catch(() => undefined);
  };
  const publish = async () => {
    await write({ state: 'running', audit: null, reason: null });
    const stopped = await redis.get(demoSaleKeys.stop).catch(() => null);
    if (stopped === sale.id) onStop();
  };
  const publishing = setInterval(() => void publish(), PUBLISH_EVERY_MS);
  return {
    begin(seller, sold) {
      product = { id: sold.id, name: sold.name };
      lanes.push({
        seller,
        startedAt: new Date().toISOString(),
        isOver: false,
        left: [[0, sale.units]],
        answered: 0,
        byCode: {},
        result: null,
      });
    },
    progress({ left, byCode }) {
      const answered = Object.values(byCode).reduce((sum, count) => sum + count, 0);
      change({ left: left.map(([atMs, units]) => [atMs, units]), answered, byCode: { ...byCode } });
    },
    finish({
      placed,
      oversold,
      untold,
      soldOutAfterMs,
      placedPerS,
      placedP99Ms,
      allP99Ms,
      durationMs,
      ...rest
    }) {
      change({
        isOver: true,
        answered: placed + Object.values(rest.refusals).reduce((sum, count) => sum + count, 0),
        byCode: { placed, ...rest.refusals },
        left: [...(lanes.at(-1)?.left ?? []), [Math.round(durationMs), rest.leftAfter]],
        result: {
          placed,
          oversold,
          untold: untold ?? 0,
          soldOutAfterMs: soldOutAfterMs ?? null,
          placedPerS,
          placedP99Ms,
          allP99Ms,
          durationMs,
        },
      });
    },
    async end(last) {
      clearInterval(publishing);
      await write(last);
      await redis.del(demoSaleKeys.stop).catch(() => undefined);
    },
  };
}
