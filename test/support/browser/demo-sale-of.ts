import type { DemoSaleState } from '../../../app/demo-sale/demo-sale.ts';

/** A sale that is over at Rowlock and goes on at the server written the usual way. */
export function demoSaleOf(productId: string): DemoSaleState {
  const startedAt = new Date().toISOString();
  return {
    id: 'a-sale',
    state: 'done',
    updatedAt: startedAt,
    product: { id: productId, name: 'Turntable' },
    units: 100,
    buyers: 400,
    overS: 1,
    lanes: [
      {
        seller: 'rowlock',
        startedAt,
        isOver: true,
        left: [
          [0, 100],
          [120, 40],
          [180, 0],
          [900, 0],
        ],
        answered: 400,
        byCode: { placed: 100, out_of_stock: 300 },
        result: {
          placed: 100,
          oversold: 0,
          untold: 0,
          soldOutAfterMs: 180,
          placedPerS: 555,
          placedP99Ms: 60,
          allP99Ms: 90,
          durationMs: 900,
        },
      },
      {
        seller: 'usual',
        startedAt,
        isOver: false,
        left: [
          [0, 100],
          [700, 71],
        ],
        answered: 29,
        byCode: { placed: 29 },
        result: null,
      },
    ],
    audit: { isClean: true, line: 'Everything adds up.' },
    reason: null,
  };
}
