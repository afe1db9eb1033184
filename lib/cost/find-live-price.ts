import type { Price, PricedRegion, PriceName } from './price-list.ts';
import { priceList } from './price-list.ts';
import { type PriceQuery, priceQueries } from './price-queries.ts';

/** Prices of the AWS Price List API, in the units of the price list. */
export type LivePrices = Readonly<Partial<Record<PriceName, number>>>;

/** A price, or the reason why the API's answer is not used. */
export type LivePrice = { readonly usd: number } | { readonly notUsed: string };

/** One document of `PriceList` in the API's answer to GetProducts, as far as a price depends on it. */
interface Product {
  readonly product?: { readonly attributes?: Readonly<Record<string, string>> };
  readonly terms?: {
    readonly OnDemand?: Readonly<
      Record<string, { readonly priceDimensions?: Readonly<Record<string, PriceDimension>> }>
    >;
  };
}

interface PriceDimension {
  readonly unit?: string;
  readonly beginRange?: string;
  readonly pricePerUnit?: { readonly USD?: string };
}

const MILLION = 1e6;
/**
 * A price that differs from the list by more than this factor is another product or another unit. On-demand
 * prices have not moved as much in years.
 */
const FACTOR_MAX = 5;
const regionPrefix = /^[A-Z]{2,4}\d?-/;

/** The filters of GetProducts: what the API narrows down. {@link findLivePrice} compares exactly. */
export function filtersOf(name: PriceName, region: PricedRegion) {
  const { usage, regionField, where = {} } = priceQueries[name];
  const equal = { ...where, ...(regionField === undefined ? {} : { [regionField]: region }) };
  return [
    ...Object.entries(equal).map(([Field, Value]) => ({ Type: 'TERM_MATCH' as const, Field, Value })),
    { Type: 'CONTAINS' as const, Field: 'usagetype', Value: usageIn(usage, region) },
  ];
}

/**
 * The price per unit of the price list, without a free tier: the lowest tier that costs something. Several
 * products with one price are one price; several prices are ambiguous and not used.
 */
export function findLivePrice(
  name: PriceName,
  region: PricedRegion,
  documents: readonly string[],
): LivePrice {
  const query = priceQueries[name];
  const usage = usageIn(query.usage, region);
  const dimensions = documents
    .map((document) => JSON.parse(document) as Product)
    .filter(({ product }) => {
      const found = product?.attributes?.['usagetype'] ?? '';
      return found === usage || found.replace(regionPrefix, '') === usage;
    })
    .flatMap(firstPaidTiers);
  if (dimensions.length === 0) return { notUsed: 'not found' };
  const prices = new Set<number>();
  for (const { unit = '', pricePerUnit } of dimensions) {
    const factor = factorOf(unit, priceList[name].unit);
    if (factor === undefined) return { notUsed: `has unit "${unit}", not ${priceList[name].unit}` };
    // Twelve digits drop what multiplication adds to a decimal fraction.
    prices.add(Number((Number(pricePerUnit?.USD) * factor * (query.times ?? 1)).toPrecision(12)));
  }
  const [usd = Number.NaN, ...others] = prices;
  if (others.length > 0) return { notUsed: `ambiguous: ${[...prices].toSorted((a, b) => a - b).join(', ')}` };
  const listed = priceList[name][region]?.usd ?? usd;
  if (usd > listed * FACTOR_MAX || usd < listed / FACTOR_MAX) {
    return { notUsed: `${usd} is too far from the listed ${listed}` };
  }
  return { usd };
}

function usageIn(usage: PriceQuery['usage'], region: PricedRegion): string {
  return typeof usage === 'string' ? usage : usage[region];
}

/** Returns one price dimension per term. A product without on-demand terms has none. */
function firstPaidTiers({ terms }: Product): PriceDimension[] {
  return Object.values(terms?.OnDemand ?? {}).flatMap(({ priceDimensions = {} }) =>
    Object.values(priceDimensions)
      .filter(({ pricePerUnit }) => Number(pricePerUnit?.USD) > 0)
      .toSorted((a, b) => Number(a.beginRange ?? 0) - Number(b.beginRange ?? 0))
      .slice(0, 1),
  );
}

/** Number of API units in one unit of the price list; undefined if they measure different things. */
function factorOf(apiUnit: string, unit: Price['unit']): number | undefined {
  const isHour = /h(ou)?rs?$/i.test(apiUnit);
  const isGbMonth = /^GB-?Mo/i.test(apiUnit);
  const isGb = /^(GB|GigaBytes?)$/i.test(apiUnit);
  if (unit === 'hour') return isHour ? 1 : undefined;
  if (unit === 'GB-month') return isGbMonth ? 1 : undefined;
  if (unit === 'GB') return isGb ? 1 : undefined;
  if (isHour || isGbMonth || isGb) return undefined;
  return unit === 'million' ? MILLION : 1;
}
