import { crowd, crowdRequest } from '../support/crowd/crowd.ts';
import type { DemoShop, ProductForSale } from './demo-shop.ts';
import type { SaleOutcome } from './sale-outcome.ts';

export interface SaleProgress {
  /** Milliseconds since the buyers began, and the units left then. */
  readonly left: readonly (readonly [atMs: number, units: number])[];
  /** Definite answers so far. */
  readonly byCode: Readonly<Record<string, number>>;
}

export interface HoldSale {
  readonly seller: string;
  /** Address of the server that takes the orders. */
  readonly url: string;
  readonly product: ProductForSale;
  readonly units: number;
  readonly buyers: number;
  readonly overMs: number;
  readonly signal: AbortSignal;
  /** Called a few times a second. */
  readonly onProgress: (progress: SaleProgress) => void;
}

const SAMPLE_EVERY_MS = 100;
const POINTS_MAX = 400;

/** Lets every buyer order one unit, and resolves once each has a definite answer. */
export async function holdSale(shop: DemoShop, sale: HoldSale): Promise<SaleOutcome> {
  const { product, units, signal, overMs } = sale;
  const customers = await shop.createBuyers(sale.buyers, product.price);
  const { version } = await shop.readStock(product.id);
  const body = { items: [{ productId: product.id, quantity: 1 }] };
  const answered = new Map<number, Readonly<Record<string, number>>>();
  const samples: [number, number][] = [];
  /** Known from the crowd's first progress: its processes begin together once all have started. */
  let startMs: number | undefined;
  let isOver = false;
  const sample = async () => {
    const stock = await shop.readStock(product.id).catch(() => undefined);
    if (stock === undefined) return;
    samples.push([performance.now(), stock.quantity]);
    if (startMs === undefined || isOver) return;
    const left = curveOf(samples, startMs, units);
    sale.onProgress({ left, byCode: sumByCode([...answered.values()]) });
  };
  const sampling = setInterval(() => void sample(), SAMPLE_EVERY_MS);
  try {
    const outcome = await crowd(
      [sale.url],
      customers.map(({ token }) => crowdRequest({ path: '/orders', token, key: 'sale', body })),
      {
        overMs,
        signal,
        onProgress: ({ process, elapsedMs, byCode }) => {
          startMs ??= performance.now() - elapsedMs;
          answered.set(process, byCode);
        },
      },
    );
    return {
      seller: sale.seller,
      units,
      answers: outcome.answers.map(({ code = 'placed', latencyMs, answeredAtMs }) => ({
        code,
        latencyMs,
        answeredAtMs,
      })),
      retries: outcome.retries,
      durationMs: outcome.durationMs,
      leftAfter: (await shop.readStock(product.id)).quantity,
      recorded: await shop.readUnitsSold(product.id, version),
    };
  } finally {
    isOver = true;
    clearInterval(sampling);
  }
}

/** At most as many points as a chart can show; what does not change needs no point but the last. */
function curveOf(
  samples: readonly (readonly [number, number])[],
  startMs: number,
  units: number,
): [number, number][] {
  const since = samples.filter(([atMs]) => atMs > startMs);
  const curve = since.filter(([, left], at) => left !== since[at - 1]?.[1] || left !== since[at + 1]?.[1]);
  const step = Math.ceil(curve.length / POINTS_MAX);
  const shown = curve.filter((_, at) => at % step === 0 || at === curve.length - 1);
  return [[0, units], ...shown.map(([atMs, left]): [number, number] => [Math.round(atMs - startMs), left])];
}

function sumByCode(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [code, count] of counts.flatMap((byCode) => Object.entries(byCode)))
    sums[code] = (sums[code] ?? 0) + count;
  return sums;
}
