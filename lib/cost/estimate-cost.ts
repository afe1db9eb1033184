import type { CostLine, MonthlyUse, TemplateResource } from './cost-item.ts';
import { freeTypes } from './free-types.ts';
import { priceList } from './price-list.ts';
import { resourceCosts } from './resource-costs.ts';

export interface CostEstimate {
  readonly lines: readonly CostLine[];
  readonly fixedUsd: number;
  readonly usageUsd: number;
  /** Types that nobody has priced: they are not in the sums. */
  readonly unpriced: readonly string[];
  /** Of the lines whose price was not looked up lately. */
  readonly uncheckedUsd: number;
}

/**
 * The bill of a month for the resources of a stage, with its fleets at their least, in USD and without free
 * tiers. Lines of the same item and price are added up.
 */
export function estimateCost(resources: readonly TemplateResource[], use: MonthlyUse): CostEstimate {
  const unpriced = new Set<string>();
  const items = resources.flatMap((resource) => {
    const costs = resourceCosts[resource.Type];
    if (costs === undefined && !freeTypes.has(resource.Type)) unpriced.add(resource.Type);
    return costs?.(resource, { resources, use }) ?? [];
  });
  const lines = new Map<string, CostLine>();
  for (const item of items) {
    const key = [item.item, item.specification, item.part, item.price].join('|');
    const quantity = (lines.get(key)?.quantity ?? 0) + item.quantity;
    lines.set(key, { ...item, quantity, usd: quantity * priceList[item.price].usd });
  }
  const all = [...lines.values()];
  const sum = (chosen: readonly CostLine[]) => chosen.reduce((total, { usd }) => total + usd, 0);
  return {
    lines: all,
    fixedUsd: sum(all.filter(({ part }) => part === 'fixed')),
    usageUsd: sum(all.filter(({ part }) => part === 'usage')),
    unpriced: [...unpriced].toSorted(),
    uncheckedUsd: sum(all.filter(({ price }) => priceList[price].seen === undefined)),
  };
}
