import { type AwsCall, awsCalls } from './aws-calls.ts';

export interface PricedProduct {
  readonly service: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly unit: string;
  /** Prices in USD by the start of their tier. */
  readonly tiers: Readonly<Record<string, string>>;
}

interface Filter {
  readonly Type: string;
  readonly Field: string;
  readonly Value: string;
}

/**
 * Stands in for the AWS Price List API, which no emulator here offers. Requests, filters, paging and the JSON
 * documents follow its documentation (API_pricing_GetProducts, "Reading the service price list file"). The
 * products are the test's own.
 */
export async function priceListApi(
  products: readonly PricedProduct[],
  { pageSize = 2 }: { pageSize?: number } = {},
): Promise<{ url: string; calls: AwsCall[] }> {
  return awsCalls(({ action, input }) => {
    if (action !== 'GetProducts') return { error: 'UnknownOperationException', status: 400 };
    const filters = (input['Filters'] ?? []) as readonly Filter[];
    const found = products.filter(
      ({ service, attributes }) =>
        service === input['ServiceCode'] && filters.every((filter) => matches(filter, attributes)),
    );
    const start = Number(input['NextToken'] ?? 0);
    const end = start + pageSize;
    return {
      json: {
        FormatVersion: 'aws_v1',
        PriceList: found.slice(start, end).map((product, index) => document(product, `SKU${start + index}`)),
        ...(end < found.length ? { NextToken: `${end}` } : {}),
      },
    };
  });
}

function matches({ Type, Field, Value }: Filter, attributes: PricedProduct['attributes']): boolean {
  const value = attributes[Field] ?? '';
  return Type === 'CONTAINS' ? value.includes(Value) : value === Value;
}

/** The API answers with a JSON document in a string per product. */
function document({ service, attributes, unit, tiers }: PricedProduct, sku: string): string {
  const starts = Object.keys(tiers);
  const priceDimensions = Object.entries(tiers).map(([beginRange, USD], index) => [
    `${sku}.JRTCKXETXF.${index}`,
    {
      rateCode: `${sku}.JRTCKXETXF.${index}`,
      unit,
      beginRange,
      endRange: starts[index + 1] ?? 'Inf',
      description: `$${USD} per ${unit}`,
      appliesTo: [],
      pricePerUnit: { USD },
    },
  ]);
  return JSON.stringify({
    product: { productFamily: attributes['productFamily'], attributes, sku },
    serviceCode: service,
    terms: {
      OnDemand: {
        [`${sku}.JRTCKXETXF`]: {
          sku,
          offerTermCode: 'JRTCKXETXF',
          effectiveDate: '2026-11-01T00:00:00Z',
          // The documentation promises no order of tiers.
          priceDimensions: Object.fromEntries(priceDimensions.toReversed()),
          termAttributes: {},
        },
      },
    },
    version: '20261101000000',
    publicationDate: '2026-11-01T00:00:00Z',
  });
}
