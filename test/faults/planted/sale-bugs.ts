import type { PlantedBug } from './planted-bug.ts';

/** Bugs in the times of sales. */
export const saleBugs: readonly PlantedBug[] = [
  {
    name: 'sale-never-ends',
    why: 'The end of a sale is ignored: the product can be ordered forever.',
    edits: [
      {
        file: 'app/orders/decide-line.ts',
        find: '  if (saleUntil !== undefined && at >= saleUntil) {\n',
        replace: '  if (saleUntil !== undefined && at < new Date(0)) {\n',
      },
    ],
  },
  {
    name: 'sale-end-inclusive',
    why: 'An order in the very millisecond of the end is accepted, and in the next ones as well.',
    edits: [
      {
        file: 'app/orders/decide-line.ts',
        find: '  if (saleUntil !== undefined && at >= saleUntil) {\n',
        replace: '  if (saleUntil !== undefined && at.getTime() - saleUntil.getTime() > 50) {\n',
      },
    ],
  },
  {
    name: 'sale-starts-early',
    why: 'The start of a sale is ignored: customers who know the product order before everyone else.',
    edits: [
      {
        file: 'app/orders/decide-line.ts',
        find: '  if (saleFrom !== undefined && at < saleFrom) {\n',
        replace: '  if (saleFrom !== undefined && at < new Date(0)) {\n',
      },
    ],
  },
  {
    name: 'left-out-bound-removed',
    why: 'An edit by a client that does not know of sales removes the bounds that it leaves out.',
    edits: [
      {
        file: 'app/catalogue/edit-product.ts',
        find: '  return given === undefined ? before : (given ?? undefined);\n',
        replace: '  void before;\n  return given ?? undefined;\n',
      },
    ],
  },
  {
    name: 'sale-opens-late',
    why: 'A sale opens four seconds late: customers who come on time are refused.',
    edits: [
      {
        file: 'app/orders/decide-line.ts',
        find: '  if (saleFrom !== undefined && at < saleFrom) {\n',
        replace: '  if (saleFrom !== undefined && at.getTime() < saleFrom.getTime() + 4000) {\n',
      },
    ],
  },
];
