import type { CostItem } from './cost-item.ts';
import type { CostEstimate } from './estimate-cost.ts';
import type { Saving } from './levers.ts';
import { priceList } from './price-list.ts';
import { priceSources, type SourceName } from './price-sources.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

/** The estimate in Markdown: cost of each item, possible savings and sources of the prices. */
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
    const product = `${round(quantity)} × ${quote.usd}/${priceList[price].unit}${mark}`;
    return `| ${item} | ${specification} | ${part} | ${product} | ${usd(amount)} |`;
  });
  const without = unpricedItems.map(
    ({ item, specification, part, price, quantity }) =>
      `| ${item} | ${specification} | ${part} ` +
      `| ${round(quantity)} × ?/${priceList[price].unit} | not priced |`,
  );
  const missingIn = (part?: CostItem['part']) =>
    unpricedItems.filter((item) => part === undefined || item.part === part).map(({ price }) => price);
  return [
    `Stage ${settings.name}, ${region}, ${orders} orders per month, smallest fleets, no free tier, no tax:`,
    '',
    '| item | specification | part | quantity × price | USD per month |',
    '|---|---|---|---:|---:|',
    ...priced,
    ...without,
    `| **sum** | | fixed | | **${sumText(fixedUsd, missingIn('fixed'), 2)}** |`,
    `| **sum** | | usage | | **${sumText(usageUsd, missingIn('usage'), 2)}** |`,
    `| **sum** | | | | **${sumText(fixedUsd + usageUsd, missingIn(), 2)}** |`,
    '',
    ...savingsTable(savings),
    `\\* price not looked up (${usd(uncheckedUsd)} of the sum).`,
    unpriced.length === 0 ? 'Every resource type is priced or free.' : `Not priced: ${unpriced.join(', ')}.`,
    '',
    'Sources of the prices:',
    ...sourcesOf(byAmount.map(({ quote }) => quote.source)),
  ].join('\n');
}

/** A sum in USD. If prices are missing, it says "at least" and names them. */
export function sumText(amount: number, missing: readonly string[], digits: 0 | 2): string {
  const text = amount.toFixed(digits);
  return missing.length === 0 ? text : `at least ${text}, without ${[...new Set(missing)].join(', ')}`;
}

function savingsTable(savings: readonly Saving[]): string[] {
  if (savings.length === 0) return [];
  return [
    '| lever | saves USD per month | at the cost of |',
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
