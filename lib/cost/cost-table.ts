import type { CostEstimate } from './estimate-cost.ts';
import { pricedRegion, priceList } from './price-list.ts';
import type { StageSettings } from '../stages.ts';

/** The estimate for people, in Markdown. */
export function costTable(
  { lines, fixedUsd, usageUsd, unpriced, uncheckedUsd }: CostEstimate,
  { settings, orders }: { settings: StageSettings; orders: number },
): string {
  const usd = (amount: number) => amount.toFixed(2);
  const rows = lines
    .toSorted((a, b) => b.usd - a.usd)
    .map(({ item, specification, part, price, quantity, usd: amount }) => {
      const { usd: each, unit, seen } = priceList[price];
      const mark = seen === undefined ? ' *' : '';
      return `| ${item} | ${specification} | ${part} | ${round(quantity)} × ${each}/${unit}${mark} | ${usd(amount)} |`;
    });
  return [
    `Stage ${settings.name}, ${pricedRegion}, ${orders} orders a month, fleets at their least, no free tier, no tax:`,
    '',
    '| item | specification | part | quantity × price | USD a month |',
    '|---|---|---|---:|---:|',
    ...rows,
    `| **sum** | | fixed | | **${usd(fixedUsd)}** |`,
    `| **sum** | | usage | | **${usd(usageUsd)}** |`,
    `| **sum** | | | | **${usd(fixedUsd + usageUsd)}** |`,
    '',
    `\\* price not looked up lately (${usd(uncheckedUsd)} of the sum). Sources: lib/cost/price-list.ts.`,
    unpriced.length === 0 ? 'Every resource type is priced or free.' : `Not priced: ${unpriced.join(', ')}.`,
  ].join('\n');
}

function round(quantity: number): string {
  return quantity >= 10 ? quantity.toFixed(0) : quantity.toPrecision(2);
}
