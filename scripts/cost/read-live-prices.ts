import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import { filtersOf, findLivePrice, type LivePrices } from '../../lib/cost/find-live-price.ts';
import { type PricedRegion, type PriceName, priceList } from '../../lib/cost/price-list.ts';
import { priceQueries } from '../../lib/cost/price-queries.ts';
import { forEachAtOnce } from '../for-each-at-once.ts';

export interface LivePriceReport {
  readonly prices: LivePrices;
  /** Names of the prices that stay those of the price list, and why. */
  readonly notUsed: readonly { readonly name: PriceName; readonly reason: string }[];
}

/** The Price List API has endpoints in few regions; this one knows the prices of all. */
const API_REGION = 'us-east-1';
const DEADLINE_MS = 60_000;
const AT_ONCE_MAX = 4;
/** 100 products each. The widest query matches a few dozen. */
const PAGES_MAX = 10;

/** A client with the credentials of the environment. */
const defaultClient = () =>
  new PricingClient({
    region: API_REGION,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 5000, requestTimeout: 20_000, throwOnRequestTimeout: true },
  });

/**
 * Asks the AWS Price List API for every price of the price list, and closes the client. Throws one sentence
 * when a call fails.
 */
export async function readLivePrices(
  region: PricedRegion,
  { client = defaultClient(), deadlineMs = DEADLINE_MS } = {},
): Promise<LivePriceReport> {
  const stop = new AbortController();
  const abortSignal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadlineMs)]);
  const prices: Partial<Record<PriceName, number>> = {};
  const notUsed: { name: PriceName; reason: string }[] = [];
  try {
    await forEachAtOnce(Object.keys(priceList) as PriceName[], AT_ONCE_MAX, async (name) => {
      const found = findLivePrice(name, region, await readProducts(client, name, region, abortSignal));
      if ('usd' in found) prices[name] = found.usd;
      else notUsed.push({ name, reason: found.notUsed });
    });
  } catch (error) {
    stop.abort();
    throw new Error(explain(error), { cause: error });
  } finally {
    client.destroy();
  }
  return { prices, notUsed };
}

/** The JSON documents of all products that match the price's filters. */
async function readProducts(
  client: PricingClient,
  name: PriceName,
  region: PricedRegion,
  abortSignal: AbortSignal,
): Promise<string[]> {
  const documents: string[] = [];
  let pages = 0;
  const input = { ServiceCode: priceQueries[name].service, Filters: filtersOf(name, region) };
  for await (const page of paginateGetProducts({ client, stopOnSameToken: true }, input, { abortSignal })) {
    pages += 1;
    if (pages > PAGES_MAX) throw new Error(`more than ${PAGES_MAX} pages of products for ${name}`);
    documents.push(...(page.PriceList ?? []).map(String));
  }
  return documents;
}

function explain(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'CredentialsProviderError') {
    return (
      'found no AWS credentials. --live asks the AWS Price List API with yours: ' +
      'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'
    );
  }
  if (name === 'AccessDeniedException') {
    return 'the AWS Price List API refused these credentials: they need the permission pricing:GetProducts.';
  }
  if (/AbortError|TimeoutError/.test(name)) {
    return 'the AWS Price List API did not answer in time. Try again, or leave --live out.';
  }
  return `the AWS Price List API did not answer: ${name}: ${message || 'no message'}. Leave --live out.`;
}
