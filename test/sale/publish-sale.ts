import type { Redis } from 'ioredis';
import {
  DEMO_SALE_KEPT_S,
  type DemoSaleLane,
  type DemoSaleState,
  demoSaleKeys,
} from '../../app/demo-sale/demo-sale.ts';
import type { SaleFigures } from './sale-outcome.ts';

const PUBLISH_EVERY_MS = 250;
/** Points of a curve; when there are more, every second one goes. */
const POINTS_MAX = 400;

/** Shows a sale in the console while it runs. */
export interface PublishedSale {
  /** A seller begins. */
  begin(seller: DemoSaleLane['seller'], product: { readonly id: string; readonly name: string }): void;
  progress(left: number, byCode: Readonly<Record<string, number>>): void;
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
  let startMs = 0;
  const change = (changed: Partial<DemoSaleLane>) => {
    const lane = lanes.at(-1);
    if (lane !== undefined) lanes[lanes.length - 1] = { ...lane, ...changed };
  };
  const write = async (last: Pick<DemoSaleState, 'state' | 'audit' | 'reason'>): Promise<void> => {
    const state: DemoSaleState = { ...sale, ...last, product, lanes, updatedAt: new Date().toISOString() };
    await redis.set(demoSaleKeys.state, JSON.stringify(state), 'EX', DEMO_SALE_KEPT_S).catch(() => undefined);
  };
  const publishing = setInterval(() => {
    void write({ state: 'running', audit: null, reason: null });
    redis.get(demoSaleKeys.stop).then(
      (id) => {
        if (id === sale.id) onStop();
      },
      () => undefined,
    );
  }, PUBLISH_EVERY_MS);
  return {
    begin(seller, sold) {
      product = { id: sold.id, name: sold.name };
      startMs = performance.now();
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
    progress(left, byCode) {
      const curve = lanes.at(-1)?.left ?? [];
      const point: [number, number] = [Math.round(performance.now() - startMs), left];
      // What does not change needs no point but the last.
      const isFlat = curve.length > 1 && curve.at(-1)?.[1] === left && curve.at(-2)?.[1] === left;
      const longer = [...(isFlat ? curve.slice(0, -1) : curve), point];
      change({
        left: longer.length > POINTS_MAX ? longer.filter((_, at) => at % 2 === 0) : longer,
        answered: Object.values(byCode).reduce((sum, count) => sum + count, 0),
        byCode,
      });
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
