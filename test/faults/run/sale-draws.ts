import type { EditedTerms, ProductTerms } from '../history/history-line.ts';
import type { Drawer } from './shop-draws.ts';

type SaleWindow = Pick<ProductTerms, 'saleFrom' | 'saleUntil'>;

export function hasWindow({ saleFrom, saleUntil }: SaleWindow): boolean {
  return saleFrom !== null || saleUntil !== null;
}

/**
 * A sale that opens and ends within seconds: so soon that customers can order at its edges. The seed draws
 * the distances from now.
 */
export function newWindow(draw: Drawer): SaleWindow {
  const fromMs = draw.oneOf([-1000, 150, 400, 900, 2000]);
  const untilMs = Math.max(fromMs, 0) + draw.oneOf([200, 500, 1200, 60_000]);
  const [saleFrom, saleUntil] = [fromIn(fromMs), fromIn(untilMs)];
  return draw.weighted([
    [{ saleFrom, saleUntil }, 60],
    [{ saleFrom, saleUntil: null }, 15],
    [{ saleFrom: null, saleUntil }, 25],
  ]);
}

/** The edit of a client that knows of no windows: it keeps both bounds. */
export function withoutBounds({ name, priceKrw, status, purchaseLimit }: ProductTerms): EditedTerms {
  return { name, priceKrw, status, purchaseLimit };
}

/**
 * Another window. Sometimes one bound is left out, which keeps it; then the window may be empty. Sometimes
 * both are sent and the sale would end before it starts.
 */
export function editedWindow(draw: Drawer, terms: ProductTerms): EditedTerms {
  const { saleFrom } = terms;
  const rest = withoutBounds(terms);
  const window = newWindow(draw);
  switch (
    draw.weighted([
      ['both', 60],
      ['end', 15],
      ['start', 10],
      ['neither', 5],
      ['empty', saleFrom === null ? 0 : 60],
      ['reversed', 3],
    ] as const)
  ) {
    case 'both':
      return { ...rest, ...window };
    case 'end':
      return { ...rest, saleUntil: window.saleUntil };
    case 'start':
      return { ...rest, saleFrom: window.saleFrom };
    case 'neither':
      return rest;
    case 'empty':
      return { ...rest, saleUntil: saleFrom };
    case 'reversed':
      return { ...rest, saleFrom: fromIn(1000), saleUntil: fromIn(500) };
  }
}

function fromIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

/** Moments at which a customer orders, in ms from an edge of a sale, and how far the edge may be. */
export const AROUND_MS = [-60, -20, 0, 15, 60] as const;
const EDGE_SOON_MS = 1500;

/** The next edge of a sale that a customer waits for, in ms since 1970. */
export function nextEdge({ saleFrom, saleUntil }: Partial<SaleWindow>): number | undefined {
  const now = Date.now();
  const edges = [saleFrom, saleUntil].flatMap((bound) =>
    typeof bound === 'string' ? Date.parse(bound) : [],
  );
  return edges.toSorted((one, other) => one - other).find((ms) => ms > now && ms < now + EDGE_SOON_MS);
}
