import type { CostEstimate } from './estimate-cost.ts';
import type { Saving } from './levers.ts';
import { priceList } from './price-list.ts';
import { priceSources, type SourceName } from './price-sources.ts';
import type { StageSettings } from '../stages.ts';

/** The estimate for people, in Markdown: what costs what, what could be saved, and whose prices these are. */
export function costTable(
  estimate: CostEstimate,
  {
    settings,
    orders,
    savings = [],
  }: { settings: StageSettings; orders: number; savings?: readonly Saving[] },
): string {
  const { region, lines, fixedUsd, usageUsd, unpriced, unpricedItems, uncheckedUsd } = estimate;
  const byAmount = lines.toSorted((a, b) => b.usd - a.usd);
  const priced = byAmount.map(({ item, specification, part, price, quantity, usd: amount, quote }) => {
    const mark = priceSources[quote.source].date === undefined ? ' *' : '';
    return `| ${item} | ${specification} | ${part} | ${round(quantity)} × ${quote.usd}/${priceList[price].unit}${mark} | ${usd(amount)} |`;
  });
  const without = unpricedItems.map(
    ({ item, specification, part, price, quantity }) =>
      `| ${item} | ${specification} | ${part} | ${round(quantity)} × ?/${priceList[price].unit} | not priced |`,
  );
  const less = unpricedItems.length === 0 ? '' : ' of what is priced';
  return [
    `Stage ${settings.name}, ${region}, ${orders} orders a month, fleets at their least, no free tier, no tax:`,
    '',
    '| item | specification | part | quantity × price | USD a month |',
    '|---|---|---|---:|---:|',
    ...priced,
    ...without,
    `| **sum**${less} | | fixed | | **${usd(fixedUsd)}** |`,
    `| **sum**${less} | | usage | | **${usd(usageUsd)}** |`,
    `| **sum**${less} | | | | **${usd(fixedUsd + usageUsd)}** |`,
    '',
    ...savingsTable(savings),
    `\\* price not looked up (${usd(uncheckedUsd)} of the sum).`,
    ...(unpricedItems.length === 0
      ? []
      : [
          `No price with a source for ${region}, so not in the sums: ${[...new Set(unpricedItems.map(({ price }) => price))].join(', ')}.`,
        ]),
    unpriced.length === 0 ? 'Every resource type is priced or free.' : `Not priced: ${unpriced.join(', ')}.`,
    '',
    'Prices are of:',
    ...sourcesOf(byAmount.map(({ quote }) => quote.source)),
  ].join('\n');
}

function savingsTable(savings: readonly Saving[]): string[] {
  if (savings.length === 0) return [];
  return [
    '| lever | saves USD a month | at the cost of |',
    '|---|---:|---|',
    ...savings
      .toSorted((a, b) => (b.usd ?? 0) - (a.usd ?? 0))
      .map(({ lever, usd: saved, price }) => {
        return `| ${lever} | ${saved === undefined ? 'not priced' : usd(saved)} | ${price} |`;
      }),
    '',
  ];
}

function sourcesOf(names: readonly SourceName[]): string[] {
  return [...new Set(names)].map((name) => {
    const { date, url, read } = priceSources[name];
    return `- ${date ?? 'no date'}: ${url} (${read})`;
  });
}

function usd(amount: number): string {
  return amount.toFixed(2);
}

function round(quantity: number): string {
  return quantity >= 10 ? quantity.toFixed(0) : quantity.toPrecision(2);
}
