import { clusterCosts } from './cluster-costs.ts';
import type { CostItem, CostLine, MonthlyUse, TemplateResource } from './cost-item.ts';
import type { LivePrices } from './find-live-price.ts';
import { freeTypes } from './free-types.ts';
import { type PricedRegion, priceList, type Quote } from './price-list.ts';
import { priceSources } from './price-sources.ts';
import { resourceCosts } from './resource-costs.ts';

export interface CostEstimate {
  readonly region: PricedRegion;
  /** Prices used instead of those of the price list. */
  readonly live: LivePrices;
  readonly lines: readonly CostLine[];
  readonly fixedUsd: number;
  readonly usageUsd: number;
  /** Resource types without a rule for their cost; the sums do not include them. */
  readonly unpriced: readonly string[];
  /** Lines whose price has no source for this region; the sums do not include them. */
  readonly unpricedItems: readonly CostItem[];
  /** Sum of the lines whose price was not looked up. */
  readonly uncheckedUsd: number;
}

/**
 * Monthly bill for the resources of a stage with its smallest fleets, in USD, without free tiers. Lines with
 * the same item and price are added up.
 */
export function estimateCost(
  resources: readonly TemplateResource[],
  use: MonthlyUse,
  region: PricedRegion = 'us-east-1',
  live: LivePrices = {},
): CostEstimate {
  const unpriced = new Set<string>();
  const items = resources.flatMap((resource) => {
    const costs = resourceCosts[resource.Type] ?? clusterCosts[resource.Type];
    if (costs === undefined && !freeTypes.has(resource.Type)) unpriced.add(resource.Type);
    return costs?.(resource, { resources, use }) ?? [];
  });
  const added = new Map<string, CostItem>();
  for (const item of items) {
    const key = [item.item, item.specification, item.part, item.price].join('|');
    added.set(key, { ...item, quantity: (added.get(key)?.quantity ?? 0) + item.quantity });
  }
  const lines: CostLine[] = [];
  const unpricedItems: CostItem[] = [];
  for (const item of added.values()) {
    const usd = live[item.price];
    const quote: Quote | undefined =
      usd === undefined ? priceList[item.price][region] : { usd, source: 'price list api' };
    if (quote === undefined) unpricedItems.push(item);
    else lines.push({ ...item, quote, usd: item.quantity * quote.usd });
  }
  const sum = (chosen: readonly CostLine[]) => chosen.reduce((total, { usd }) => total + usd, 0);
  return {
    region,
    live,
    lines,
    fixedUsd: sum(lines.filter(({ part }) => part === 'fixed')),
    usageUsd: sum(lines.filter(({ part }) => part === 'usage')),
    unpriced: [...unpriced].toSorted(),
    unpricedItems,
    uncheckedUsd: sum(lines.filter(({ quote }) => priceSources[quote.source].date === undefined)),
  };
}
