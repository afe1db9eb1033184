import { crowd, crowdRequest } from '../e2e/crowd.ts';
import type { DemoShop, ProductForSale } from './demo-shop.ts';
import type { SaleOutcome } from './sale-outcome.ts';

export interface HoldSale {
  readonly seller: string;
  /** Address of the server that takes the orders. */
  readonly url: string;
  readonly product: ProductForSale;
  readonly units: number;
  readonly buyers: number;
  readonly overMs: number;
  readonly signal: AbortSignal;
  /** The buyers exist, and are about to order. */
  readonly onStart: () => void;
  /** Called a few times a second with the units left and the definite answers so far by code. */
  readonly onProgress: (left: number, byCode: Readonly<Record<string, number>>) => void;
}

const SAMPLE_EVERY_MS = 100;

/** Lets every buyer order one unit, and resolves once each has a definite answer. */
export async function holdSale(shop: DemoShop, sale: HoldSale): Promise<SaleOutcome> {
  const { product, units, signal, overMs } = sale;
  const customers = await shop.createBuyers(sale.buyers, product.price);
  const { version } = await shop.readStock(product.id);
  const body = { items: [{ productId: product.id, quantity: 1 }] };
  const answered = new Map<number, Readonly<Record<string, number>>>();
  sale.onStart();
  const sampling = setInterval(() => {
    shop.readStock(product.id).then(
      ({ quantity }) => sale.onProgress(quantity, sumByCode([...answered.values()])),
      () => undefined,
    );
  }, SAMPLE_EVERY_MS);
  try {
    const outcome = await crowd(
      [sale.url],
      customers.map(({ token }) => crowdRequest({ path: '/orders', token, key: 'sale', body })),
      {
        overMs,
        signal,
        onProgress: ({ process, byCode }) => answered.set(process, byCode),
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
    clearInterval(sampling);
  }
}

function sumByCode(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [code, count] of counts.flatMap((byCode) => Object.entries(byCode)))
    sums[code] = (sums[code] ?? 0) + count;
  return sums;
}
